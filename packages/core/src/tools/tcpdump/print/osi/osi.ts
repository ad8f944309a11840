// OSI network protocols, told apart by their network layer protocol identifier (ISO/IEC TR 9577).

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { NLPIDS } from "../nlpid-names.ts";
import { hex2 } from "../numbers.ts";
import { clnp } from "./clnp.ts";
import { esis } from "./esis.ts";
import { isis } from "./isis.ts";

export function osi(d: Dissector, at: number, length: number): void {
  d.protocol = "isoclns";
  const id = d.u8(at);
  if (d.linkHeaders) d.text += `OSI NLPID ${NLPIDS.get(id) ?? "Unknown"} (0x${hex2(id)}): `;
  const comma = d.linkHeaders ? "" : ", ";
  switch (id) {
    case 0x81:
      if (!clnp(d, at, length)) unknownData(d, at, "\n\t", length);
      break;
    case 0x82:
      return esis(d, at, length);
    case 0x83:
      if (!isis(d, at, length)) unknownData(d, at, "\n\t", length);
      break;
    case 0x00:
      d.text += `${comma}length: ${length}`;
      break;
    case 0x08:
      return d.layers.q933(d, at + 1, length - 1);
    case 0xcc:
      return d.layers.ipv4(d, at + 1, length - 1);
    case 0x8e:
      return d.layers.ipv6(d, at + 1, length - 1);
    case 0xcf:
      d.layers.ppp(d, at + 1, length - 1);
      break;
    default:
      if (!d.linkHeaders) d.text += `OSI NLPID 0x${hex2(id)} unknown`;
      d.text += `${comma}length: ${length}`;
      if (length > 1) unknownData(d, at, "\n\t", length);
  }
}
