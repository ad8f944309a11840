// Modules of a kernel as programs put them in and take them out: init_module(2), delete_module(2). Which there are is told by
// /proc/modules and the files under /lib/modules.

export interface KernelModules {
  /** Errors: Refusal EEXIST, ENOENT for a symbol that nobody has, ENOEXEC, EINVAL. */
  insert(image: Uint8Array, parameters: string): void;
  /** Errors: Refusal ENOENT, EAGAIN while it is in use, EBUSY. */
  remove(name: string): void;
}
