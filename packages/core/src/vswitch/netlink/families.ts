// The generic netlink families of the kernel's datapaths (dp_register_genl of net/openvswitch/datapath.c).

import type { Kernel } from "../../kernel/kernel.ts";
import type { GenericCommand, GenericFamily } from "../../kernel/netlink/generic.ts";
import { OVS_DATAPATH_VERSION, OVS_FAMILY, OVS_VERSION } from "../../netlink/generic/openvswitch.ts";
import type { KernelDatapaths } from "../datapath/kernel-datapaths.ts";
import { installConntrackMessages } from "./conntrack-messages.ts";
import { ctLimitCommands } from "./ct-limit-family.ts";
import { datapathCommands } from "./datapath-family.ts";
import { flowCommands } from "./flow-family.ts";
import { meterCommands } from "./meter-family.ts";
import { packetCommands } from "./packet-family.ts";
import type { FamilyNumbers } from "./request.ts";
import { vportCommands } from "./vport-family.ts";

type Commands = ReadonlyMap<number, GenericCommand>;

export function installDatapathFamilies(kernel: Kernel, datapaths: KernelDatapaths): void {
  installConntrackMessages(kernel, datapaths);
  kernel.modules?.users.set("openvswitch", () => datapaths.portCount);
  /** `header`: bytes of struct ovs_header. `maxAttribute`: the last one that Linux 6.1 knows. */
  const register = (
    name: string,
    maxAttribute: number,
    commandsFor: (numbers: FamilyNumbers) => Commands,
    notifies = true,
  ) => {
    const group = notifies ? kernel.generic.takeGroup() : undefined;
    const commands = new Map<number, GenericCommand>();
    const family: GenericFamily = {
      name,
      version: name === OVS_FAMILY.DATAPATH ? OVS_DATAPATH_VERSION : OVS_VERSION,
      headerSize: 4,
      maxAttribute,
      commands,
      multicastGroups: group === undefined ? [] : [{ name, id: group }],
    };
    const id = kernel.generic.register(family);
    for (const [number, command] of commandsFor({ id, group })) commands.set(number, command);
  };
  register(OVS_FAMILY.DATAPATH, 9, (numbers) => datapathCommands(datapaths, numbers));
  register(OVS_FAMILY.VPORT, 9, (numbers) => vportCommands(datapaths, numbers));
  register(OVS_FAMILY.FLOW, 11, (numbers) => flowCommands(datapaths, numbers));
  register(OVS_FAMILY.PACKET, 11, () => packetCommands(datapaths), false);
  register(OVS_FAMILY.METER, 9, (numbers) => meterCommands(datapaths, numbers));
  register(OVS_FAMILY.CT_LIMIT, 1, (numbers) => ctLimitCommands(datapaths, numbers));
}
