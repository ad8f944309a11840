/** A container or virtual machine as its engine calls it. */
export interface Container {
  readonly engine: "docker" | "podman" | "containerd" | "kubernetes" | "crio" | "nspawn" | "lxc" | "libvirt";
  /** Undefined for engines without ids. */
  readonly id?: string;
  /** As the engine names it; the short id if it does not. */
  readonly name: string;
}
