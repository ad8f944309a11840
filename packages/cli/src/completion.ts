// Completion of the `patchcord` command for bash, zsh and fish, made from the command's own definition.

import type { Command, Option } from "commander";

interface Words {
  readonly command: string;
  readonly description: string;
  readonly options: readonly Option[];
}

function commandsOf(program: Command): Words[] {
  return program.commands.map((command) => ({
    command: command.name(),
    description: command.description(),
    options: command.options,
  }));
}

function longNames(options: readonly Option[]): string[] {
  return options.flatMap(({ long }) => (long ? [long] : []));
}

function choiceCases(commands: readonly Words[]): Map<string, readonly string[]> {
  const cases = new Map<string, readonly string[]>();
  for (const { options } of commands) {
    for (const { long, argChoices } of options) if (long && argChoices) cases.set(long, argChoices);
  }
  return cases;
}

/** The text to be sourced by the shell. */
export function completionScript(shell: "bash" | "zsh" | "fish", program: Command): string {
  const commands = commandsOf(program);
  const choices = choiceCases(commands);
  const names = commands.map(({ command }) => command).join(" ");
  if (shell === "fish") {
    const lines = commands.flatMap(({ command, description, options }) => [
      `complete -c patchcord -n __fish_use_subcommand -a ${command} -d '${description.replaceAll("'", "\\'")}'`,
      ...options.map(
        ({ long, argChoices }) =>
          `complete -c patchcord -n '__fish_seen_subcommand_from ${command}' -l ${(long ?? "").slice(2)}` +
          (argChoices ? ` -x -a '${argChoices.join(" ")}'` : ""),
      ),
    ]);
    return `${lines.join("\n")}\n`;
  }
  const valueCases = [...choices].map(
    ([long, values]) => `    ${long}) COMPREPLY=($(compgen -W "${values.join(" ")}" -- "$cur")); return;;`,
  );
  const optionCases = commands.map(
    ({ command, options }) => `    ${command}) words="${longNames(options).join(" ")} --help";;`,
  );
  const bash = `_patchcord() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} words
  case $prev in
${valueCases.join("\n")}
  esac
  if [ "$COMP_CWORD" = 1 ]; then COMPREPLY=($(compgen -W "${names} --help --version" -- "$cur")); return; fi
  case \${COMP_WORDS[1]} in
${optionCases.join("\n")}
  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W "$words" -- "$cur"));;
    *) COMPREPLY=($(compgen -f -- "$cur"));;
  esac
}
complete -o filenames -F _patchcord patchcord
`;
  return shell === "bash" ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}`;
}
