// Standard input as a file to read from: a capture may come through a pipe.

import type { Process } from "../../system/process.ts";

/** Everything that standard input delivers, read to its end. */
export async function bytesFile(
  process: Process,
): Promise<{ read(length: number): Uint8Array; close(): void }> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const bytes = await process.read();
    if (bytes === null) break;
    if (bytes !== undefined) chunks.push(bytes);
  }
  let next = 0;
  return {
    read: () => chunks[next++] ?? new Uint8Array(0),
    close: () => {},
  };
}
