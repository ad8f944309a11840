// Locks: who owns one is told as it changes, until the tool is ended.

import { follow, LOCK_COMMANDS } from "./follow.ts";
import { RequestRefused } from "../ovsdb/rpc-client.ts";
import type { ClientCommand, ClientSession } from "./session.ts";

function lockCommand(name: "lock" | "steal" | "unlock"): ClientCommand {
  return {
    name,
    needsDatabase: false,
    minArguments: 1,
    maxArguments: 1,
    watches: true,
    run: async (session: ClientSession, _, [lock = ""]) => {
      try {
        session.printJson(await session.client.request(name, [lock]));
      } catch (error) {
        if (!(error instanceof RequestRefused)) throw error; // the original waits on, and says nothing
      }
      session.process.flush();
      await follow(session, LOCK_COMMANDS, ({ method, params }) => {
        session.process.print(`${method}\n`);
        session.printJson(params);
        session.process.flush();
      });
    },
  };
}

export const lockCommands: readonly ClientCommand[] = [
  lockCommand("lock"),
  lockCommand("steal"),
  lockCommand("unlock"),
];
