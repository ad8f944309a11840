// curl (7.88.1): fetches by HTTP/1.1 from other hosts. What it says of connections, requests and failures is what labs look at;
// there is no TLS, no proxy and no other protocol.

import type { Process, Program } from "../../system/process.ts";
import { program } from "../coreutils/program.ts";
import { readOptions } from "./options.ts";
import type { CurlOptions } from "./options.ts";
import { CurlError, Transfer } from "./transfer.ts";
import { parseUrl, resolveUrl } from "./url.ts";
import { writeOut } from "./write-out.ts";

const MOST_REDIRECTS = 50;

export const curl: Program = program(async (process) => {
  const options = readOptions(process);
  let status = 0;
  for (const url of options.urls) status = await fetchOne(process, options, url);
  return status;
});

async function fetchOne(process: Process, options: CurlOptions, text: string): Promise<number> {
  let target = text;
  let transfer: Transfer | undefined;
  try {
    for (let redirects = 0; ; redirects++) {
      const url = parseUrl(target);
      if (url === undefined) throw new CurlError(3, "URL using bad/illegal format or missing URL");
      if (url.scheme !== "http")
        throw new CurlError(1, `Protocol "${url.scheme}" not supported or disabled in libcurl`);
      transfer = new Transfer(process, options, url);
      await transfer.run();
      const location = transfer.location;
      if (!options.follow || location === undefined) break;
      if (redirects === MOST_REDIRECTS)
        throw new CurlError(47, `Maximum (${MOST_REDIRECTS}) redirects followed`);
      target = resolveUrl(url, location);
    }
  } catch (error) {
    if (!(error instanceof CurlError)) throw error;
    process.flush();
    if (!options.silent || options.showError) process.warn(`curl: (${error.code}) ${error.text}\n`);
    transfer?.deliver();
    writeOut(process, options, target, transfer);
    return error.code;
  }
  transfer.deliver();
  writeOut(process, options, target, transfer);
  return 0;
}
