// The packages that reach the real kernel stand on koffi, a native library that no bundle can hold: it has to be beside the
// program, and a copied bundle may be without it.

import { realpathSync } from "node:fs";
import { dirname } from "node:path";

/** The chosen system cannot be used here; the text says why and what to do. */
export class SystemUnusable extends Error {}

/** Imports a module that needs koffi. Errors: SystemUnusable if it is not there or not for this machine. */
export async function importNative<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (!/koffi/i.test(message)) throw error;
    const here = dirname(realpathSync(process.argv[1] ?? "."));
    throw new SystemUnusable(
      /MODULE_NOT_FOUND/.test(code)
        ? `the package koffi, by which the real kernel is reached, is not beside this program: npm install --prefix ${here} koffi`
        : `the package koffi, by which the real kernel is reached, has no library for ${process.platform} on ${process.arch}`,
    );
  }
}
