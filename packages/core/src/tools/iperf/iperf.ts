// iperf3 (3.12): how fast bytes go from one host to another, by TCP or UDP. Programs take no time here, so what limits is the network:
// its queues, losses and the ten microseconds of every hop.

import { program } from "../coreutils/program.ts";
import type { Program } from "../../system/process.ts";
import { IperfError } from "./addresses.ts";
import { runClient } from "./client.ts";
import { readOptions } from "./options.ts";
import { Server } from "./server.ts";

export const iperf: Program = program(async (process) => {
  const options = readOptions(process);
  try {
    if (options.server !== undefined) return await runClient(process, options);
    if (!options.daemon) return await new Server(process, options).run();
    process.spawn(async (forked) => new Server(forked, options).run(), {
      argv: process.argv,
      fork: true,
      ownGroup: true,
    });
    return 0;
  } catch (error) {
    if (!(error instanceof IperfError)) throw error;
    process.warn(`iperf3: ${error.text}\n`);
    return 1;
  }
});
