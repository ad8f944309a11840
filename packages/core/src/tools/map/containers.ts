// Which container a process belongs to, from what the engines leave in /proc and in their own files: the control group's
// path (systemd's and cgroupfs's spelling), the command line of conmon, and the engines' state for the name.

import type { Process } from "../../system/process.ts";
import { namesIn, textOf } from "../scan/namespaces.ts";

/** A container or virtual machine as its engine calls it. */
export interface Container {
  readonly engine: "docker" | "podman" | "containerd" | "kubernetes" | "crio" | "nspawn" | "lxc" | "libvirt";
  /** Undefined for engines without ids. */
  readonly id?: string;
  /** As the engine names it; the short id if it does not. */
  readonly name: string;
}

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
  { engine: "lxc", path: /\/lxc(?:\.payload\.|\/)([^/]+?)(?:-\d+)?(?:\/|$)/, named: true },
  { engine: "libvirt", path: /\/machine-(?:qemu|lxc)\\x2d\d+\\x2d(.+?)\.scope(?:\/|$)/, named: true },
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

/** The container that conmon, the monitor of podman and CRI-O, was started for. */
export function containerOfConmon(argv: readonly string[]): Container | undefined {
  if (!/(?:^|\/)conmon$/.test(argv[0] ?? "")) return undefined;
  const after = (option: string): string | undefined => {
    const at = argv.indexOf(option);
    return at < 0 ? undefined : argv[at + 1];
  };
  const id = after("-c");
  const name = after("-n");
  if (id === undefined) return undefined;
  return { engine: "podman", id, name: name ?? id.slice(0, SHORT_ID) };
}

export class Containers {
  readonly #process: Process;
  readonly #names = new Map<string, string | undefined>();

  constructor(process: Process) {
    this.#process = process;
  }

  /** Undefined for a process of the host. */
  of(pid: number): Container | undefined {
    const cgroup = containerOfCgroup(textOf(this.#process, `/proc/${pid}/cgroup`) ?? "");
    if (cgroup !== undefined) {
      const { engine, id = "" } = cgroup;
      // Only root's engine has its state where others look; a user's podman still has its monitor.
      const name =
        cgroup.name ?? this.#nameOf(engine, id) ?? this.#monitored(pid)?.name ?? id.slice(0, SHORT_ID);
      return { engine, ...(id === "" ? {} : { id }), name };
    }
    return this.#monitored(pid);
  }

  /** Without control groups (`--cgroups=disabled`) the monitor among the ancestors tells. */
  #monitored(pid: number): Container | undefined {
    for (let at = pid, steps = 0; at > 1 && steps < 64; steps++) {
      const argv = this.#argv(at);
      const container = containerOfConmon(argv);
      if (container) return container;
      at = Number(/^PPid:\s*(\d+)/m.exec(textOf(this.#process, `/proc/${at}/status`) ?? "")?.[1] ?? 0);
    }
    return undefined;
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
    if (engine === "docker") {
      const text = textOf(this.#process, `/var/lib/docker/containers/${id}/config.v2.json`);
      return stringAt(text, ["Name"])?.replace(/^\//, "");
    }
    if (engine === "podman") return this.#podmanName(id);
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

  #podmanName(id: string): string | undefined {
    const text = textOf(this.#process, "/var/lib/containers/storage/overlay-containers/containers.json");
    const list = parsed(text);
    if (!Array.isArray(list)) return undefined;
    const entry = list.find((each) => (each as { id?: unknown }).id === id) as
      { names?: string[] } | undefined;
    return entry?.names?.[0];
  }
}

const CONTAINERD_TASKS = "/run/containerd/io.containerd.runtime.v2.task";

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
