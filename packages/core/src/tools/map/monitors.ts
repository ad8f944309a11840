// Containers by the processes that watch over them: each engine starts one for a container, with its id or name on the command line,
// and what runs inside has it for an ancestor. This holds without control groups, too.

import type { Container } from "./container.ts";

const SHORT_ID = 12;

/** The word after an option, or behind its equals sign. */
function optionIn(argv: readonly string[], ...options: readonly string[]): string | undefined {
  for (const [at, word] of argv.entries()) {
    for (const option of options) {
      if (word === option) return argv[at + 1];
      if (option.startsWith("--") && word.startsWith(`${option}=`)) return word.slice(option.length + 1);
      if (/^-\w$/.test(option) && word.startsWith(option) && !word.startsWith("--")) return word.slice(2);
    }
  }
  return undefined;
}

const baseName = (path: string): string => path.replace(/\/+$/, "").replace(/^.*\//, "");

function named(engine: Container["engine"], id: string, name?: string): Container {
  return { engine, id, name: name ?? id.slice(0, SHORT_ID) };
}

/** conmon(8) of podman and CRI-O. */
function ofConmon(argv: readonly string[]): Container | undefined {
  const id = argv[argv.indexOf("-c") + 1];
  const name = argv.includes("-n") ? argv[argv.indexOf("-n") + 1] : undefined;
  return argv.includes("-c") && id !== undefined ? named("podman", id, name) : undefined;
}

/** containerd's namespaces are its clients: docker's, the kubelet's; those of ctr and nerdctl have other names. */
function ofShim(argv: readonly string[]): Container | undefined {
  const id = optionIn(argv, "-id", "--id");
  if (id === undefined) return undefined;
  const namespace = optionIn(argv, "-namespace", "--namespace");
  const engine = namespace === "moby" ? "docker" : namespace === "k8s.io" ? "kubernetes" : "containerd";
  return named(engine, id);
}

/** systemd-nspawn(1): without a name the machine is called like its directory or image. */
function ofNspawn(argv: readonly string[]): Container | undefined {
  const machine = optionIn(argv, "--machine", "-M");
  if (machine !== undefined) return { engine: "nspawn", name: machine };
  const place = optionIn(argv, "--directory", "-D", "--image", "-i");
  return place === undefined ? undefined : { engine: "nspawn", name: baseName(place).replace(/\.raw$/, "") };
}

/** The container that a process was started to watch over; undefined for other processes. */
export function containerOfMonitor(argv: readonly string[]): Container | undefined {
  const [program = ""] = argv;
  // LXC's monitor writes over its command line: "[lxc monitor] PATH NAME", also LXD's and Incus's.
  const lxc = /^\[lxc monitor\] \S+ ([^\0]+)/.exec(program)?.[1];
  if (lxc !== undefined) return { engine: "lxc", name: lxc.trim() };
  const name = baseName(program);
  if (name === "conmon") return ofConmon(argv);
  const domain = name === "libvirt_lxc" ? optionIn(argv, "--name", "-n") : undefined;
  if (domain !== undefined) return { engine: "libvirt", name: domain };
  if (name.startsWith("containerd-shim")) return ofShim(argv);
  return name === "systemd-nspawn" ? ofNspawn(argv) : undefined;
}
