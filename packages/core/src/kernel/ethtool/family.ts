// The generic netlink family "ethtool" (Documentation/networking/ethtool-netlink.rst): its commands, for one device or,
// as a dump, for all that have an answer.

import { ERRNO } from "../../netlink/errno.ts";
import { deviceOnly } from "../../netlink/generic/ethtool.ts";
import {
  ETHTOOL_MONITOR_GROUP,
  ETHTOOL_MSG,
  ETHTOOL_VERSION,
} from "../../netlink/generic/ethtool-constants.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Kernel } from "../kernel.ts";
import type { GenericCommand } from "../netlink/generic.ts";
import type { DumpResult, Request } from "../netlink/handlers.ts";
import { ANSWERS } from "./answers.ts";
import type { Answer } from "./answers.ts";
import { CHANGES } from "./changes.ts";
import { installEthtoolIoctl } from "./ioctl.ts";
import { requiredDevice } from "./request.ts";
import { answerStatistics, dumpStatistics } from "./stats-request.ts";
import { answerStringSets } from "./strset-request.ts";

/** Reading these needs CAP_NET_ADMIN, as changing does. */
const PRIVILEGED: ReadonlySet<number> = new Set([ETHTOOL_MSG.WOL_GET, ETHTOOL_MSG.MODULE_EEPROM_GET]);

function getter(answer: Answer, admin: boolean): GenericCommand {
  return {
    admin,
    doit(request) {
      const asked = deviceOnly.decode(request.message.body);
      if (isMalformed(asked)) throw new Refusal(ERRNO.EINVAL);
      const device = requiredDevice(request, asked.header);
      request.reply(request.message.type, answer(device, request.message.body));
    },
    dump: (request) => dumpAll(request, answer),
  };
}

/** ethnl_default_dumpit(): devices that do not support the request are passed over. */
function dumpAll(request: Request, answer: Answer): DumpResult {
  const bodies: Uint8Array[] = [];
  for (const device of request.netns.devicesInDumpOrder()) {
    try {
      bodies.push(answer(device, request.message.body));
    } catch (refusal) {
      if (!(refusal instanceof Refusal) || refusal.errno !== ERRNO.EOPNOTSUPP) throw refusal;
    }
  }
  return { type: request.message.type, bodies };
}

/** Registers the family under the number that it has in the profile's kernel, and the ioctl with the same answers. */
export function installEthtool(kernel: Kernel): void {
  const { profile } = kernel;
  const commands = new Map<number, GenericCommand>();
  commands.set(ETHTOOL_MSG.STRSET_GET, {
    doit: (request) => answerStringSets(request, profile),
    dump: (request) => ({ type: request.message.type, bodies: [] }),
  });
  commands.set(ETHTOOL_MSG.STATS_GET, { doit: answerStatistics, dump: dumpStatistics });
  for (const [name, number] of Object.entries(ETHTOOL_MSG)) {
    const answer = ANSWERS[name];
    const change = CHANGES[name];
    if (answer) commands.set(number, getter(answer, PRIVILEGED.has(number)));
    else if (change) commands.set(number, { admin: true, doit: change });
  }
  const { family, group } = profile.ethtool;
  const groups = [{ name: ETHTOOL_MONITOR_GROUP, id: group }];
  kernel.generic.register(
    {
      name: "ethtool",
      version: ETHTOOL_VERSION,
      headerSize: 0,
      maxAttribute: 0,
      commands: new Map([...commands].sort(([a], [b]) => a - b)),
      multicastGroups: groups,
    },
    family,
  );
  installEthtoolIoctl(kernel);
}
