// /lib/modules/RELEASE of a kernel with modules: their files, and the lists that depmod(8) makes of them.

import type { ModuleField } from "../../system/module-image.ts";
import { moduleImage } from "../../system/module-image.ts";
import type { ModuleFile } from "./module-files.ts";

/** Parts of the kernel itself that others have as modules. */
const BUILTIN = ["net/ipv6/ipv6.ko", "net/unix/unix.ko", "net/packet/af_packet.ko"];

/** Relative paths with what is in the files. */
export function* moduleTree(
  release: string,
  files: readonly ModuleFile[],
): Iterable<readonly [path: string, content: string | Uint8Array]> {
  const pathOf = ({ path }: ModuleFile) => `kernel/${path}`;
  const last: ModuleField = ["vermagic", `${release} SMP preempt mod_unload modversions `];
  for (const file of files) yield [pathOf(file), moduleImage([...file.fields, last])];
  const dependencies = files.map((file) => {
    const needs = requirementsOf(file, files).toReversed();
    return `${[`${pathOf(file)}:`, ...needs.map((each) => pathOf(each))].join(" ")}\n`;
  });
  yield ["modules.dep", dependencies.join("")];
  const aliases = files.flatMap(({ name, aliases: own }) => own.map((alias) => `alias ${alias} ${name}\n`));
  yield ["modules.alias", `# Aliases extracted from modules themselves.\n${aliases.join("")}`];
  const soft = files.flatMap(({ name, softDepends }) =>
    softDepends.map((alias) => `softdep ${name} pre: ${alias}\n`),
  );
  yield ["modules.softdep", `# Soft dependencies extracted from modules themselves.\n${soft.join("")}`];
  yield ["modules.builtin", BUILTIN.map((path) => `kernel/${path}\n`).join("")];
}

/** All that has to be there before a module, in the order in which it is put in. */
export function requirementsOf(file: ModuleFile, files: readonly ModuleFile[]): readonly ModuleFile[] {
  const needed = new Set<string>();
  const visit = ({ depends }: ModuleFile) => {
    for (const name of depends) {
      needed.add(name);
      const other = files.find((each) => each.name === name);
      if (other) visit(other);
    }
  };
  visit(file);
  return files.filter(({ name }) => needed.has(name));
}
