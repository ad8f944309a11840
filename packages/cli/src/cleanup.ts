// `patchcord cleanup`: takes away what runs on the real kernel have left.

import { importNative, SystemUnusable } from "./native-part.ts";

const FAILED = 1;

export async function cleanUp(flags: {
  readonly all: boolean;
  readonly dryRun: boolean;
  readonly marked: boolean;
}): Promise<number> {
  if (process.platform !== "linux")
    throw new SystemUnusable("there is nothing to clean up: Patchcord only changes Linux machines");
  const { linuxUnusable } = await importNative(() => import("@patchcord/linux/linux-system.ts"));
  const why = linuxUnusable();
  if (why !== undefined) throw new SystemUnusable(why);
  const { cleanup } = await import("@patchcord/linux/ownership/cleanup.ts");
  const { removed, restored, lost, failed, running } = cleanup(flags);
  for (const each of restored)
    process.stdout.write(`${flags.dryRun ? "would put back" : "put back"} ${each}\n`);
  for (const each of removed) process.stdout.write(`${flags.dryRun ? "would remove" : "removed"} ${each}\n`);
  for (const pid of running)
    if (!flags.all)
      process.stderr.write(`patchcord: process ${pid} still runs; what it made is kept (--all)\n`);
  for (const each of lost)
    process.stderr.write(`patchcord: ${each} was others', was taken away and cannot be made again\n`);
  for (const each of failed) process.stderr.write(`patchcord: ${each}\n`);
  return failed.length + lost.length > 0 ? FAILED : 0;
}
