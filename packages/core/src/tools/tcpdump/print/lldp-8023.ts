// LLDP types of IEEE 802.3.

import type { Dissector } from "./dissector.ts";
import { AGGREGATION, AUTONEGOTIATION, MAU_TYPES, MDI_CLASSES, MDI_PAIRS, MDI_POWER, PMD_CAPABILITIES, SUBTYPES_8023 } from "./lldp-names.ts"; // prettier-ignore
import { hex2, hex4 } from "./numbers.ts";

const [PHY, POWER, AGGREGATED, MTU] = [1, 2, 3, 4] as const;

/** See `organization` in lldp.ts. */
export function private8023(d: Dissector, at: number, length: number): boolean {
  if (length < 4) return false;
  const subtype = d.u8(at + 3);
  d.text += `\n\t  ${SUBTYPES_8023.get(subtype) ?? "unknown"} Subtype (${subtype})`;
  const body = at + 4;
  switch (subtype) {
    case PHY: {
      if (length < 9) return false;
      const status = d.u8(body);
      const capabilities = d.u16(body + 1);
      const type = d.u16(body + 3);
      d.text += `\n\t    autonegotiation [${AUTONEGOTIATION.bits(status, "none")}] (0x${hex2(status)})`;
      d.text += `\n\t    PMD autoneg capability [${PMD_CAPABILITIES.bits(capabilities, "unknown")}] (0x${hex4(capabilities)})`;
      d.text += `\n\t    MAU type ${MAU_TYPES.get(type) ?? "unknown"} (0x${hex4(type)})`;
      return false;
    }
    case POWER: {
      if (length < 7) return false;
      const pair = MDI_PAIRS.get(d.u8(body + 1)) ?? "unknown";
      const powerClass = MDI_CLASSES.get(d.u8(body + 2)) ?? "unknown";
      d.text += `\n\t    MDI power support [${MDI_POWER.bits(d.u8(body), "none")}], power pair ${pair}, power class ${powerClass}`;
      return false;
    }
    case AGGREGATED:
      if (length < 9) return false;
      d.text += `\n\t    aggregation status [${AGGREGATION.bits(d.u8(body), "none")}], aggregation port ID ${d.u32(body + 1)}`;
      return false;
    case MTU:
      if (length < 6) return false;
      d.text += `\n\t    MTU size ${d.u16(body)}`;
      return false;
    default:
      return true;
  }
}
