// Virtual machines and their taps, from what libvirt leaves of each that runs in /run/libvirt (the domain's XML with the name of the
// device on the host as its "target", libvirt.org/formatdomain.html), and from processes that have taps open: qemu with or without libvirt.

import type { Process } from "../../system/process.ts";
import type { ScannedNetns } from "../scan/model.ts";
import { namesIn, textOf } from "../scan/namespaces.ts";

/** What a device on the host is the cable of. */
export interface MachinePort {
  /** As libvirt or qemu's command line calls it; undefined for a program that is no machine. */
  readonly name: string | undefined;
  /** What else it is called: OpenStack's name. */
  readonly title?: string;
  readonly uuid?: string;
  readonly pid?: number;
  /** The address of the network card inside. */
  readonly mac?: string;
}

/** Root's libvirt; those of users have theirs below /run/user/UID. */
const DOMAINS = ["/run/libvirt/qemu", "/run/libvirt/lxc", "/run/libvirt/ch"];
const USERS = "/run/user";

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const unescapeXml = (text: string): string =>
  text.replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);

/** The devices of a domain by their names on the host. */
export function portsInDomain(xml: string): [device: string, port: MachinePort][] {
  const textIn = (tag: string): string | undefined => {
    const found = new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1];
    return found === undefined ? undefined : unescapeXml(found);
  };
  const pid = /<domstatus\b[^>]*\bpid=['"](\d+)['"]/.exec(xml)?.[1];
  const [name, title, uuid] = [textIn("name"), textIn("nova:name"), textIn("uuid")];
  return [...xml.matchAll(/<interface\b[^>]*>(.*?)<\/interface>/gs)].flatMap(
    ([, body = ""]): [string, MachinePort][] => {
      const device = /<target\b[^>]*\bdev=['"]([^'"]+)['"]/.exec(body)?.[1];
      const mac = /<mac\b[^>]*\baddress=['"]([^'"]+)['"]/.exec(body)?.[1];
      if (device === undefined) return [];
      return [
        [
          device,
          {
            name,
            ...(title === undefined ? {} : { title }),
            ...(uuid === undefined ? {} : { uuid }),
            ...(pid === undefined ? {} : { pid: Number(pid) }),
            ...(mac === undefined ? {} : { mac }),
          },
        ],
      ];
    },
  );
}

function libvirtPorts(process: Process): [string, MachinePort][] {
  const users = namesIn(process, USERS).map((uid) => `${USERS}/${uid}/libvirt/qemu/run`);
  return [...DOMAINS, ...users].flatMap((folder) =>
    namesIn(process, folder)
      .filter((file) => file.endsWith(".xml"))
      .flatMap((file) => portsInDomain(textOf(process, `${folder}/${file}`) ?? "")),
  );
}

/** `-name guest=NAME,...` of qemu's command line. */
function nameOnCommandLine(process: Process, pid: number): string | undefined {
  const argv = (textOf(process, `/proc/${pid}/cmdline`) ?? "").split("\0");
  const at = argv.indexOf("-name");
  return at < 0 ? undefined : argv[at + 1]?.replace(/^guest=/, "").split(",")[0];
}

/** Taps that processes have open (/proc/PID/fdinfo, "iff:"). */
function openPorts(process: Process, own: ScannedNetns): [string, MachinePort][] {
  if (!own.devices.some(({ kind }) => kind === "tun")) return [];
  return own.processes.flatMap(({ pid }): [string, MachinePort][] => {
    const taps = namesIn(process, `/proc/${pid}/fdinfo`).flatMap(
      (fd) => /^iff:\s*(\S+)/m.exec(textOf(process, `/proc/${pid}/fdinfo/${fd}`) ?? "")?.[1] ?? [],
    );
    if (taps.length === 0) return [];
    const name = nameOnCommandLine(process, pid);
    return taps.map((tap) => [tap, { name, pid }]);
  });
}

/** By the device's name on the host. What libvirt says goes before what a command line says. */
export function machinePorts(process: Process, own: ScannedNetns): ReadonlyMap<string, MachinePort> {
  return new Map([...openPorts(process, own), ...libvirtPorts(process)]);
}
