// Locks: who owns one is told as it changes, until the tool is ended.

import type { ClientCommand, ClientSession } from "./session.ts";

function lockCommand(name: "lock" | "steal" | "unlock"): ClientCommand {
  return {
    name,
    needsDatabase: false,
    minArguments: 1,
    maxArguments: 1,
    run: async (session: ClientSession, _, [lock = ""]) => {
      session.printJson(await session.client.request(name, [lock]));
      session.process.flush();
      for (;;) {
        const { method, params } = await session.client.notification();
        session.process.print(`${method}\n`);
        session.printJson(params);
        session.process.flush();
      }
    },
  };
}

export const lockCommands: readonly ClientCommand[] = [
  lockCommand("lock"),
  lockCommand("steal"),
  lockCommand("unlock"),
];
