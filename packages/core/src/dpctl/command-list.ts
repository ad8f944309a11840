// list-commands: the commands in the order of the original's table. Each of the two programs calls them by other names, and has one
// of its own.

import type { DpctlCommands } from "./call.ts";

const ORDER =
  "add-dp del-dp add-if del-if set-if dump-dps show dump-flows add-flow mod-flow get-flow del-flow add-flows mod-flows " +
  "del-flows offload-stats-show dump-conntrack flush-conntrack cache-get-size cache-set-size ct-stats-show ct-bkts " +
  "ct-set-maxconns ct-get-maxconns ct-get-nconns ct-enable-tcp-seq-chk ct-disable-tcp-seq-chk ct-get-tcp-seq-chk " +
  "ct-set-limits ct-del-limits ct-get-limits ipf-set-enabled ipf-set-disabled ipf-set-min-frag ipf-set-max-nfrags " +
  "ipf-get-status help list-commands parse-actions normalize-actions";

export function addCommandList(commands: DpctlCommands, prefix: string): void {
  commands.add("list-commands", "", 0, Infinity, (call) => {
    call.print("The available commands are:\n");
    for (const name of ORDER.split(" ")) {
      const command = commands.get(name);
      if (command) call.print(`  ${prefix}${name.padEnd(23)} ${command.usage}\n`);
    }
    return 0;
  });
}
