// VLANs do not fit together along the way: of access ports, of a trunk, of its native VLAN, or of a host's VLAN device.

import { at, CERTAINTY, evidenceOf, seenAt } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import type { LinkState } from "../network-state.ts";
import { command } from "../network-state.ts";
import { bridgeOf } from "../segment.ts";
import { pvidOf, walkVlans } from "../vlan-walk.ts";
import type { VlanFault } from "../vlan-walk.ts";

function show(port: LinkState): string {
  const list = port.vlans.map(
    ({ vid, pvid, untagged }) => `${vid}${pvid ? " PVID" : ""}${untagged ? " untagged" : ""}`,
  );
  return `${command("bridge", port.place, `vlan show dev ${port.name}`)}: ${list.join(", ") || "no VLAN"}`;
}

/** The VLAN that the other end of the path is in, for a port that has none. */
function vlanOfFarEnd(path: readonly LinkState[], port: LinkState): number {
  const others = path.filter((link) => link !== port && bridgeOf(link) !== undefined).map(pvidOf);
  return others.find((pvid) => pvid !== undefined) ?? 1;
}

function describe(fault: VlanFault, path: readonly LinkState[], view: View): Diagnosis {
  const add = (port: LinkState, vid: number, flags: string): string =>
    command("bridge", port.place, `vlan add vid ${vid} dev ${port.name}${flags}`);
  const finding = (id: string, link: LinkState, problem: string, fix: readonly string[]): Diagnosis => ({
    id,
    place: at(link),
    problem,
    evidence: [...evidenceOf(seenAt(view, link, "BRIDGE_INGRESS_VLAN", "BRIDGE_EGRESS_VLAN")), show(link)],
    fix,
    certainty: CERTAINTY.ON_THE_WAY,
  });
  switch (fault.kind) {
    case "no-pvid": {
      const vid = vlanOfFarEnd(path, fault.port);
      const problem = `untagged frames that come in by ${fault.port.name} are in no VLAN: the port has no PVID`;
      return finding("vlan-pvid", fault.port, problem, [add(fault.port, vid, " pvid untagged")]);
    }
    case "ingress":
      return finding("vlan-trunk", fault.port, `${fault.port.name} does not let VLAN ${fault.vlan} in`, [
        add(fault.port, fault.vlan, ""),
      ]);
    case "egress":
      return fault.trunk
        ? finding(
            "vlan-trunk",
            fault.port,
            `the trunk ${fault.port.name} does not carry VLAN ${fault.vlan}`,
            [add(fault.port, fault.vlan, "")],
          )
        : finding(
            "vlan-access",
            fault.port,
            `the packet is in VLAN ${fault.vlan}, but access port ${fault.port.name} is in VLAN ${pvidOf(fault.port) ?? "none"}`,
            [add(fault.port, fault.vlan, " pvid untagged")],
          );
    case "native":
      return finding(
        "vlan-native",
        fault.port,
        `VLAN ${fault.vlan} crosses untagged, and ${fault.port.name} puts untagged frames into ${fault.there === 0 ? "no VLAN" : `VLAN ${fault.there}`}`,
        [add(fault.port, fault.vlan, " pvid untagged")],
      );
    case "tagged":
      return finding(
        "vlan-tagged",
        fault.port,
        `${fault.port.name} sends VLAN ${fault.vlan} with a tag to ${fault.host.name} in ${fault.host.place.name}, which has no device for it`,
        [add(fault.port, fault.vlan, " pvid untagged")],
      );
    case "self":
      return finding(
        "vlan-self",
        fault.bridge,
        `${fault.bridge.name} itself, and so its host, is not in VLAN ${fault.vlan} without a tag`,
        [`${add(fault.bridge, fault.vlan, " self pvid untagged")}`],
      );
    case "device": {
      const { device, vlan } = fault;
      const { place } = device;
      const problem = `the packet comes ${vlan === 0 ? "untagged" : `in VLAN ${vlan}`}, but ${device.name} in ${place.name} is for VLAN ${device.vlanId ?? 0}`;
      return {
        ...finding("vlan-device", device, problem, []),
        evidence: [`${command("ip", place, `-d link show ${device.name}`)}: vlan id ${device.vlanId ?? 0}`],
        fix: recreate(device, vlan),
      };
    }
    default: {
      const never: never = fault;
      return never;
    }
  }
}

/** A VLAN device's number cannot be changed: a new one takes the addresses over. */
function recreate(device: LinkState, vlan: number): string[] {
  const { place, other } = device;
  if (vlan === 0 || other === undefined) return [];
  const name = `${other.name}.${vlan}`;
  const addresses = place.addresses.filter(({ link, family }) => link === device && family === "inet");
  return [
    command("ip", place, `link del ${device.name}`),
    command("ip", place, `link add link ${other.name} name ${name} type vlan id ${vlan}`),
    ...addresses.map(({ text, prefixLength }) =>
      command("ip", place, `address add ${text}/${prefixLength} dev ${name}`),
    ),
    command("ip", place, `link set ${name} up`),
  ];
}

export const vlanMismatch: Entry = {
  id: "vlan-*",
  title: "VLANs do not fit: access, trunk, native VLAN, PVID, tag, VLAN device",
  examine: (view) =>
    view.ways.flatMap(({ hops }) =>
      hops.flatMap(({ path }): Diagnosis[] => {
        const fault = walkVlans(path);
        return fault === undefined ? [] : [describe(fault, path, view)];
      }),
    ),
};
