// Makes docs/traces/: the trace of each example as text. `npm run traces` writes the files; a test sees that they are up to date.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import { programNamed } from "@patchcord/core/programs.ts";
import { bashProgram } from "@patchcord/core/shell/bash.ts";
import { Process } from "@patchcord/core/system/process.ts";
import { descriptor, nullDescriptor, sinkOutput } from "@patchcord/core/system/streams.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where the documents are. */
export const folder = join(root, "docs", "traces");

/** What is asked about each example's network once its script has run. */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  "first-article.sh": ["trace ns1 172.20.1.2", "trace --arp ns2 172.20.1.1", "trace --udp 53 ns1 172.20.1.2"],
  "tour.sh": [
    "trace green 10.1.0.2",
    "trace --size 3000 red 10.0.0.2",
    "trace green 10.1.0.9",
    "why green 10.1.0.9",
  ],
  "second-article.sh": ["trace h1 10.1.0.2"],
  "neutron.sh": ["trace vm-a 192.168.100.12"],
};

/** Runs shell lines one after the other on one embedded system; what each prints. */
class Terminal {
  readonly #system = new EmbeddedSystem({
    loopbackUp: true,
    host: { turn: () => new Promise((resolve) => setImmediate(resolve)) },
  });

  async run(line: string): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    const output = sinkOutput((bytes) => (text += decoder.decode(bytes)));
    const process = Process.start(this.#system, (name) => programNamed(name), bashProgram, {
      argv: ["bash", "-c", line],
      cwd: "/root",
      fds: new Map([
        [0, nullDescriptor()],
        [1, descriptor({ output })],
        [2, descriptor({ output })],
      ]),
    });
    await this.#system.run(() => process.status !== undefined);
    return text;
  }
}

/** Name and text of each document. */
export async function traceDocuments(): Promise<ReadonlyMap<string, string>> {
  const documents = new Map<string, string>();
  for (const example of readdirSync(join(root, "examples"))
    .filter((name) => name.endsWith(".sh"))
    .sort()) {
    const questions = QUESTIONS[example];
    if (questions === undefined)
      throw new Error(`tests/traces/documents.ts: nothing is asked about examples/${example}`);
    const terminal = new Terminal();
    await terminal.run(readFileSync(join(root, "examples", example), "utf8"));
    let text = `# Traces of examples/${example}\n\nMade by \`npm run traces\` from what the program prints.\n`;
    for (const question of questions) {
      text += `\n\`\`\`console\n$ ${question}\n${await terminal.run(question)}\`\`\`\n`;
    }
    documents.set(example.replace(/\.sh$/, ".md"), text);
  }
  return documents;
}
