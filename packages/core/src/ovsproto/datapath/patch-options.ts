// Options of a patch port (set_patch_config of Open vSwitch's lib/netdev-vport.c).

/** What is wrong with them; undefined if nothing is. */
export function patchOptionsError(name: string, options: ReadonlyMap<string, string>): string | undefined {
  const peer = options.get("peer");
  if (peer === undefined) return `${name}: patch type requires valid 'peer' argument`;
  if (options.size > 1) return `${name}: patch type takes only a 'peer' argument`;
  return peer === name ? `${name}: patch peer must not be self` : undefined;
}
