// The family ovs_vport: ports of datapaths (ovs_vport_cmd_* of net/openvswitch/datapath.c, vport.c). Ports for tunnels are made as
// lib/dpif-netlink-rtnl.c of Open vSwitch makes them: a device by rtnetlink, then a port for it; the kernel's own types for them are
// not taken.

import type { GenericCommand } from "../../kernel/netlink/generic.ts";
import type { Request } from "../../kernel/netlink/handlers.ts";
import { allocateNsid } from "../../kernel/nsid.ts";
import { ERRNO } from "../../netlink/errno.ts";
import {
  OVS_CMD,
  OVS_LOCAL_PORT,
  OVS_MAX_PORTS,
  OVS_VERSION,
  OVS_VPORT_TYPE,
  ovsVport,
} from "../../netlink/generic/openvswitch.ts";
import type { OvsVportMessage } from "../../netlink/generic/openvswitch.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Datapath, DpPort } from "../datapath/datapath.ts";
import type { KernelDatapaths } from "../datapath/kernel-datapaths.ts";
import { stateOf } from "./datapath-state.ts";
import { datapathAt, decodedNaming, notify } from "./request.ts";
import type { FamilyNumbers } from "./request.ts";

interface Found {
  readonly datapath: Datapath;
  readonly port: DpPort;
}

export function vportCommands(
  datapaths: KernelDatapaths,
  numbers: FamilyNumbers,
): ReadonlyMap<number, GenericCommand> {
  const asked = (request: Request) => decodedNaming(ovsVport.decode(request.message.body));
  return new Map<number, GenericCommand>([
    [
      OVS_CMD.NEW,
      {
        admin: true,
        doit: (request) => {
          const record = asked(request);
          const datapath = datapathToExtend(datapaths, request, record);
          const port = addPort(datapath, record);
          stateOf(datapath).portPids.set(port.number, record.upcallPid ?? []);
          notify(request, numbers, describe(request, { datapath, port }, OVS_CMD.NEW));
        },
      },
    ],
    [
      OVS_CMD.DEL,
      {
        admin: true,
        doit: (request) => {
          const found = lookUp(datapaths, request, asked(request));
          if (found.port.number === OVS_LOCAL_PORT) throw new Refusal(ERRNO.EINVAL);
          const body = describe(request, found, OVS_CMD.DEL);
          found.datapath.removePort(found.port.number, { keepsTunnel: true });
          notify(request, numbers, body);
        },
      },
    ],
    [
      OVS_CMD.GET,
      {
        doit: (request) => {
          const found = lookUp(datapaths, request, asked(request));
          request.reply(numbers.id, describe(request, found, OVS_CMD.NEW));
        },
        dump: (request) => {
          const datapath = datapathAt(datapaths, request, asked(request).dpIfindex);
          const ports = datapath.ports.filter((port) => port !== undefined);
          const bodies = ports.map((port) => describe(request, { datapath, port }, OVS_CMD.NEW));
          return { type: numbers.id, bodies };
        },
      },
    ],
    [
      OVS_CMD.SET,
      {
        admin: true,
        doit: (request) => {
          const record = asked(request);
          const found = lookUp(datapaths, request, record);
          if (record.type !== undefined && record.type !== typeOf(found.port)) {
            throw new Refusal(ERRNO.EINVAL);
          }
          if (record.options) throw new Refusal(ERRNO.EOPNOTSUPP);
          if (record.upcallPid) stateOf(found.datapath).portPids.set(found.port.number, record.upcallPid);
          notify(request, numbers, describe(request, found, OVS_CMD.SET));
        },
      },
    ],
  ]);
}

/** Errors: Refusal. */
function datapathToExtend(datapaths: KernelDatapaths, request: Request, record: OvsVportMessage): Datapath {
  const { name, type, upcallPid, portNo = 0, ifindex } = record;
  if (name === undefined || type === undefined || !upcallPid) throw new Refusal(ERRNO.EINVAL);
  // a wanted index is for devices that are made with the port
  if (ifindex !== undefined && type !== OVS_VPORT_TYPE.INTERNAL) throw new Refusal(ERRNO.EOPNOTSUPP);
  if (portNo >= OVS_MAX_PORTS) throw new Refusal(ERRNO.EFBIG);
  const datapath = datapathAt(datapaths, request, record.dpIfindex);
  if (portNo !== 0 && datapath.ports[portNo]) throw new Refusal(ERRNO.EBUSY);
  return datapath;
}

/** ovs_vport_add(). Errors: Refusal. */
function addPort(datapath: Datapath, { name = "", type, portNo = 0 }: OvsVportMessage): DpPort {
  const wanted = portNo === 0 ? undefined : portNo;
  if (type === OVS_VPORT_TYPE.INTERNAL) return datapath.addInternal(name, wanted);
  if (type !== OVS_VPORT_TYPE.NETDEV) throw new Refusal(ERRNO.EAFNOSUPPORT);
  const device = datapath.host.deviceNamed(name);
  if (!device) throw new Refusal(ERRNO.ENODEV);
  return datapath.addDevice(device, undefined, wanted);
}

/** lookup_vport(). Errors: Refusal. */
function lookUp(datapaths: KernelDatapaths, request: Request, record: OvsVportMessage): Found {
  const { name, portNo, dpIfindex, ifindex } = record;
  if (ifindex !== undefined) throw new Refusal(ERRNO.EOPNOTSUPP);
  if (name !== undefined) {
    for (const datapath of datapaths.in(request.netns)) {
      const port = datapath.ports.find((each) => each?.device.name === name);
      if (port && (dpIfindex === 0 || dpIfindex === datapath.local.ifindex)) return { datapath, port };
    }
    throw new Refusal(ERRNO.ENODEV);
  }
  if (portNo === undefined) throw new Refusal(ERRNO.EINVAL);
  if (portNo >= OVS_MAX_PORTS) throw new Refusal(ERRNO.EFBIG);
  const datapath = datapathAt(datapaths, request, dpIfindex);
  const port = datapath.ports[portNo];
  if (!port) throw new Refusal(ERRNO.ENODEV);
  return { datapath, port };
}

function typeOf({ type }: DpPort): number {
  return type === "internal" ? OVS_VPORT_TYPE.INTERNAL : OVS_VPORT_TYPE.NETDEV;
}

/** ovs_vport_cmd_fill_info() */
function describe({ netns }: Request, { datapath, port }: Found, cmd: number): Uint8Array {
  const { device, number } = port;
  const { rxPackets, txPackets, rxBytes, txBytes, rxErrors, txErrors, rxDropped, txDropped } =
    device.statistics;
  return ovsVport.encode({
    cmd,
    version: OVS_VERSION,
    dpIfindex: datapath.local.ifindex,
    portNo: number,
    type: typeOf(port),
    name: device.name,
    ifindex: device.ifindex,
    ...(device.netns === netns ? {} : { netnsid: allocateNsid(netns, device.netns) }),
    stats: { rxPackets, txPackets, rxBytes, txBytes, rxErrors, txErrors, rxDropped, txDropped },
    upcallPid: stateOf(datapath).portPids.get(number) ?? [0],
  });
}
