// Which container a process belongs to, from what the engines leave in /proc and in their own files: the control group's
// path (systemd's and cgroupfs's spelling), the command line of conmon, and the engines' state for the name.

import type { Process } from "../../system/process.ts";
import { namesIn, textOf } from "../scan/namespaces.ts";
import type { Container } from "./container.ts";
import { containerOfMonitor } from "./monitors.ts";

interface Pattern {
  readonly engine: Container["engine"];
  /** One group: the id or the name. */
  readonly path: RegExp;
  readonly named?: boolean;
}

/** Ends of cgroup paths. Kubernetes comes first: its containers have the runtime's scope below kubepods. */
const PATTERNS: readonly Pattern[] = [
  { engine: "kubernetes", path: /kubepods.*[/:-]([0-9a-f]{64})(?:\.scope)?(?:\/|$)/ },
  { engine: "docker", path: /(?:\/docker\/|\/docker-)([0-9a-f]{64})(?:\.scope)?(?:\/|$)/ },
  { engine: "podman", path: /\/libpod-(?:payload-)?([0-9a-f]{64})(?:\.scope)?(?:\/|$)/ },
  { engine: "crio", path: /\/crio-([0-9a-f]{64})(?:\.scope)?(?:\/|$)/ },
  {
    engine: "containerd",
    path: /(?:\/cri-containerd-|\/containerd\/|\/nerdctl-|\/default\/)([0-9a-f]{64})(?:\.scope)?(?:\/|$)/,
  },
  { engine: "lxc", path: /\/lxc(?:\.payload\.|\/)([^/]+)(?:\/|$)/, named: true },
  { engine: "libvirt", path: /\/machine-(?:qemu|lxc)\\x2d\d+\\x2d(.+?)\.scope(?:\/|$)/, named: true },
  // Without systemd.
  { engine: "libvirt", path: /\/(?:(?:qemu|lxc)-\d+-)?([^/]+)\.libvirt-(?:qemu|lxc)(?:\/|$)/, named: true },
  { engine: "nspawn", path: /\/systemd-nspawn@(.+?)\.service(?:\/|$)/, named: true },
  { engine: "nspawn", path: /\/machine-(.+?)\.scope(?:\/|$)/, named: true },
];

const SHORT_ID = 12;

/** systemd escapes bytes of unit names as \xNN. */
function unescapeUnit(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The container that a control group's path names. */
export function containerOfCgroup(
  cgroup: string,
): (Omit<Container, "name"> & { readonly name?: string }) | undefined {
  for (const line of cgroup.split("\n")) {
    const path = line.replace(/^\d+:[^:]*:/, "");
    for (const pattern of PATTERNS) {
      const word = pattern.path.exec(path)?.[1];
      if (word === undefined) continue;
      const { engine } = pattern;
      return pattern.named ? { engine, name: unescapeUnit(word) } : { engine, id: word };
    }
  }
  return undefined;
}

/** Where LXC, LXD and Incus have a folder for each container. */
const LXC_FOLDERS = [
  "/var/lib/lxc",
  "/var/lib/lxd/containers",
  "/var/snap/lxd/common/lxd/containers",
  "/var/lib/incus/containers",
];
const MACHINES = "/run/systemd/machines";
const CONTAINERD_TASKS = "/run/containerd/io.containerd.runtime.v2.task";
/** Where CRI-O has a container's configuration, whose annotations have the kubelet's labels. */
const CRIO_CONTAINERS = [
  "/run/containers/storage/overlay-containers",
  "/var/lib/containers/storage/overlay-containers",
];

export class Containers {
  readonly #process: Process;
  readonly #names = new Map<string, string | undefined>();
  /** Names by id that engines have told. */
  readonly #told: ReadonlyMap<string, string>;
  /** Names by the pid of the first process. */
  #machines: Map<string, string> | undefined;

  constructor(process: Process, told: ReadonlyMap<string, string> = new Map()) {
    this.#process = process;
    this.#told = told;
  }

  /** Undefined for a process of the host. */
  of(pid: number): Container | undefined {
    const cgroup = containerOfCgroup(textOf(this.#process, `/proc/${pid}/cgroup`) ?? "");
    if (cgroup === undefined) return this.#registered(pid) ?? this.#monitored(pid);
    const { engine, id = "" } = cgroup;
    if (engine === "lxc" && cgroup.name !== undefined)
      return { engine, name: this.#lxcName(pid, cgroup.name) };
    // Only root's engine has its state where others look; a user's podman still has its monitor.
    const monitor = this.#monitored(pid);
    const known = monitor?.name === monitor?.id?.slice(0, SHORT_ID) ? undefined : monitor?.name;
    const name =
      cgroup.name ?? this.#nameOf(engine, id) ?? known ?? this.#told.get(id) ?? id.slice(0, SHORT_ID);
    return { engine, ...(id === "" ? {} : { id }), name };
  }

  /** The monitor among the ancestors tells, also without control groups (`--cgroups=disabled`). */
  #monitored(pid: number): Container | undefined {
    for (let at = pid, steps = 0; at > 1 && steps < 64; steps++) {
      const container = containerOfMonitor(this.#argv(at));
      if (container) {
        const { engine, id } = container;
        const name = id === undefined ? undefined : (this.#nameOf(engine, id) ?? this.#told.get(id));
        return name === undefined ? container : { ...container, name };
      }
      at = Number(/^PPid:\s*(\d+)/m.exec(textOf(this.#process, `/proc/${at}/status`) ?? "")?.[1] ?? 0);
    }
    return undefined;
  }

  /** One that systemd-machined knows, by its first process. */
  #registered(pid: number): Container | undefined {
    this.#machines ??= new Map(
      namesIn(this.#process, MACHINES).flatMap((file): [string, string][] => {
        const text = textOf(this.#process, `${MACHINES}/${file}`) ?? "";
        const of = (key: string): string | undefined => new RegExp(`^${key}=(.*)$`, "m").exec(text)?.[1];
        const [name, leader] = [of("NAME"), of("LEADER")];
        // libvirt registers its own, by names of its making.
        const mine = of("SERVICE") === "systemd-nspawn";
        return mine && name !== undefined && leader !== undefined ? [[leader, name]] : [];
      }),
    );
    const name = this.#machines.get(String(pid));
    return name === undefined ? undefined : { engine: "nspawn", name };
  }

  /** Where a group is left over from before, LXC adds "-1" and so on to the next one's. */
  #lxcName(pid: number, group: string): string {
    const monitor = this.#monitored(pid);
    if (monitor?.engine === "lxc") return monitor.name;
    const candidates = [group, group.replace(/-\d+$/, "")];
    const isThere = (name: string): boolean =>
      LXC_FOLDERS.some((folder) => namesIn(this.#process, `${folder}/${name}`).length > 0);
    return candidates.find(isThere) ?? group;
  }

  #argv(pid: number): string[] {
    return (textOf(this.#process, `/proc/${pid}/cmdline`) ?? "").split("\0");
  }

  #nameOf(engine: Container["engine"], id: string): string | undefined {
    const key = `${engine} ${id}`;
    if (!this.#names.has(key)) this.#names.set(key, this.#lookUp(engine, id));
    return this.#names.get(key);
  }

  #lookUp(engine: Container["engine"], id: string): string | undefined {
    if (engine === "docker") return this.#dockerName(id);
    if (engine === "podman") return this.#podmanName(id);
    return this.#containerdName(id) ?? this.#crioName(id) ?? podAndContainer(this.#dockerName(id));
  }

  #dockerName(id: string): string | undefined {
    const text = textOf(this.#process, `/var/lib/docker/containers/${id}/config.v2.json`);
    return stringAt(text, ["Name"])?.replace(/^\//, "");
  }

  #containerdName(id: string): string | undefined {
    for (const folder of namesIn(this.#process, CONTAINERD_TASKS)) {
      const text = textOf(this.#process, `${CONTAINERD_TASKS}/${folder}/${id}/config.json`);
      const annotation = (name: string): string | undefined => stringAt(text, ["annotations", name]);
      const pod = annotation("io.kubernetes.cri.sandbox-name");
      const container = annotation("io.kubernetes.cri.container-name");
      const name =
        pod === undefined ? annotation("nerdctl/name") : [pod, container].filter(Boolean).join("/");
      if (name !== undefined) return name;
    }
    return undefined;
  }

  #crioName(id: string): string | undefined {
    for (const folder of CRIO_CONTAINERS) {
      const text = textOf(this.#process, `${folder}/${id}/userdata/config.json`);
      const label = (name: string): string | undefined =>
        stringAt(text, ["annotations", `io.kubernetes.${name}`]);
      const [pod, container] = [label("pod.name"), label("container.name")];
      if (pod !== undefined)
        return container === undefined || container === "POD" ? pod : `${pod}/${container}`;
    }
    return undefined;
  }

  #podmanName(id: string): string | undefined {
    const text = textOf(this.#process, "/var/lib/containers/storage/overlay-containers/containers.json");
    const list = parsed(text);
    if (!Array.isArray(list)) return undefined;
    const entry = list.find((each) => (each as { id?: unknown }).id === id) as
      { names?: string[] } | undefined;
    return entry?.names?.[0];
  }
}

/** cri-dockerd's names: k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT; POD is the container that holds a pod's namespace. */
function podAndContainer(name: string | undefined): string | undefined {
  const [, container, pod] = /^k8s_([^_]+)_([^_]+)_/.exec(name ?? "") ?? [];
  if (container === undefined || pod === undefined) return name;
  return container === "POD" ? pod : `${pod}/${container}`;
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // half written: the engine is at it
  }
}

function stringAt(text: string | undefined, path: readonly string[]): string | undefined {
  let value = parsed(text);
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return typeof value === "string" && value !== "" ? value : undefined;
}
