// What every request of the ethtool family begins with: the header nest that names a device (ethnl_parse_header_dev_get),
// and finding attributes again for the extended acknowledgement.

import { AttributeReader } from "../../netlink/attributes.ts";
import { ERRNO } from "../../netlink/errno.ts";
import type { EthtoolHeader } from "../../netlink/generic/ethtool.ts";
import { ETHTOOL_FLAG } from "../../netlink/generic/ethtool-constants.ts";
import { NLMSG_HEADER_LENGTH } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { NetDevice } from "../device.ts";
import { GENERIC_HEADER_LENGTH } from "../netlink/generic-server.ts";
import type { Request } from "../netlink/handlers.ts";

const HEADER = 1; // ETHTOOL_A_*_HEADER of every message
const DEVICE_INDEX = 1;
const DEVICE_NAME = 2;
const FLAGS = 3;
const KNOWN_FLAGS = ETHTOOL_FLAG.COMPACT_BITSETS | ETHTOOL_FLAG.OMIT_REPLY | ETHTOOL_FLAG.STATS;

/** One step into nested attributes: a type, and which one of that type (from 0). */
export type AttributeStep = number | readonly [type: number, nth: number];

/** Offset of an attribute's header from the nlmsghdr, for the acknowledgement; undefined if it is not there. */
export function attributeOffset(body: Uint8Array, path: readonly AttributeStep[]): number | undefined {
  let reader = new AttributeReader(body, GENERIC_HEADER_LENGTH);
  let found: number | undefined;
  for (const step of path) {
    const [type, nth] = typeof step === "number" ? [step, 0] : step;
    let left = nth;
    found = undefined;
    while (reader.next()) {
      if (reader.type !== type || left-- > 0) continue;
      found = NLMSG_HEADER_LENGTH + reader.start - 4;
      reader = reader.nested();
      break;
    }
    if (found === undefined) return undefined;
  }
  return found;
}

/** NL_SET_ERR_MSG_ATTR: an error with its text and the place of the attribute. */
export function refuseAt(
  request: Request,
  errno: number,
  message: string,
  path: readonly AttributeStep[],
): Refusal {
  const offset = attributeOffset(request.message.body, path);
  return new Refusal(errno, offset === undefined ? { message } : { message, offset });
}

/** The device of a request; undefined if it names none and need not. Errors: EINVAL, ENODEV with the kernel's text. */
export function requestedDevice(request: Request, header: EthtoolHeader | undefined): NetDevice | undefined {
  if (header === undefined) throw new Refusal(ERRNO.EINVAL, "request header missing");
  if (((header.flags ?? 0) & ~KNOWN_FLAGS) !== 0) {
    throw refuseAt(request, ERRNO.EOPNOTSUPP, "unrecognized request flags", [HEADER, FLAGS]);
  }
  const { netns } = request;
  const { devIndex, devName } = header;
  if (devIndex !== undefined) {
    const device = netns.deviceByIndex(devIndex);
    if (!device) throw refuseAt(request, ERRNO.ENODEV, "no device matches ifindex", [HEADER, DEVICE_INDEX]);
    if (devName !== undefined && devName !== device.name) {
      throw refuseAt(request, ERRNO.ENODEV, "ifindex and name do not match", [HEADER]);
    }
    return device;
  }
  if (devName === undefined) return undefined;
  const device = netns.device(devName);
  if (!device) throw refuseAt(request, ERRNO.ENODEV, "no device matches name", [HEADER, DEVICE_NAME]);
  return device;
}

/** The same for requests that must name a device. */
export function requiredDevice(request: Request, header: EthtoolHeader | undefined): NetDevice {
  const device = requestedDevice(request, header);
  if (!device) throw refuseAt(request, ERRNO.EINVAL, "neither ifindex nor name specified", [HEADER]);
  return device;
}

/** How an answer names its device. */
export function answerHeader(device: NetDevice): EthtoolHeader {
  return { devIndex: device.ifindex, devName: device.name };
}
