// ethtool -m: the memory of a plug-in module, over netlink by pages; whole dumps still go through the ioctl.

import { moduleEeprom } from "../../netlink/generic/ethtool.ts";
import { ETHTOOL_MSG } from "../../netlink/generic/ethtool-constants.ts";
import { dumpModule } from "./ioctl-commands.ts";
import { number, onOff, parseParameters } from "./parameters.ts";
import type { EthtoolSession } from "./session.ts";

const byte = number(0xff);

/** Where the identifier of every module is (SFF-8024): first byte, page 0, bank 0, I2C address 0x50. */
const IDENTIFIER = { offset: 0, length: 1, page: 0, bank: 0, i2cAddress: 0x50 };

/** ethtool -m */
export function showModuleEeprom(session: EthtoolSession): number {
  const members = parseParameters(session, {
    raw: ["raw", onOff],
    hex: ["hex", onOff],
    offset: ["offset", number()],
    length: ["length", number()],
    page: ["page", byte],
    bank: ["bank", byte],
    i2c: ["i2cAddress", byte],
  });
  const { raw, hex, ...wanted } = members;
  const byPage = ["page", "bank", "i2cAddress"].some((name) => Object.hasOwn(members, name));
  if ((raw === 1 || hex === 1) && !byPage) return dumpModule(session);
  const answers = session.ask(ETHTOOL_MSG.MODULE_EEPROM_GET, moduleEeprom, { ...IDENTIFIER, ...wanted });
  return answers.errno === 0 ? session.notImplemented("decoding a plug-in module") : 1;
}
