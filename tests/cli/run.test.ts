// `patchcord run`: scripts, their exit codes, transcripts, seeds, signals.

import { once } from "node:events";
import { afterAll, describe, expect, test } from "vitest";
import { Command } from "./command.ts";

const command = new Command();
afterAll(() => command.remove());

const network = `ip netns add ns1
ip link add veth1 type veth peer name veth2 netns ns1
ip addr add 10.0.0.1/24 dev veth1
ip link set veth1 up
ip -n ns1 addr add 10.0.0.2/24 dev veth2
ip -n ns1 link set veth2 up
ip link
ping -c 2 10.0.0.2
`;

describe("a script", () => {
  test("prints what its commands print and gives its exit code", () => {
    const path = command.script("exit.sh", "echo out; echo err >&2; exit 7\n");
    expect(command.run(["run", path])).toEqual({ stdout: "out\n", stderr: "err\n", code: 7 });
  });

  test("ends with the code of its last command", () => {
    const path = command.script("last.sh", "false\nip link show absent\n");
    expect(command.run(["run", path])).toEqual({
      stdout: "",
      stderr: 'Device "absent" does not exist.\n',
      code: 1,
    });
  });

  test("comes from standard input as -", () => {
    expect(command.run(["run", "-"], { input: "echo $((6 * 7))\n" })).toEqual({
      stdout: "42\n",
      stderr: "",
      code: 0,
    });
  });

  test("may be given twice: both run on one system", () => {
    const make = command.script("make.sh", "ip link add dummy7 type dummy\n");
    const show = command.script("show.sh", "ip -br link show dummy7 | cut -c1-6\n");
    expect(command.run(["run", make, show])).toEqual({ stdout: "dummy7\n", stderr: "", code: 0 });
  });

  test("that fails ends the run, unless --keep-going; the first code counts", () => {
    const scripts = [command.script("3.sh", "exit 3\n"), command.script("4.sh", "echo four; exit 4\n")];
    expect(command.run(["run", ...scripts])).toEqual({ stdout: "", stderr: "", code: 3 });
    expect(command.run(["run", "--keep-going", ...scripts])).toEqual({
      stdout: "four\n",
      stderr: "",
      code: 3,
    });
  });

  test("with a syntax error is told where, and ends with 2", () => {
    const path = command.script("syntax.sh", "echo one\nif true; then\n");
    const { stderr, code } = command.run(["run", path]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/syntax\.sh: line 3: syntax error: unexpected end of file/);
  });
});

describe("--echo", () => {
  test("shows comments and commands before their output, as a terminal does", () => {
    const path = command.script(
      "echo.sh",
      "# A loop\nfor name in a b; do\n  echo $name\ndone\n\nip -br link show lo # a remark\n",
    );
    expect(command.run(["run", "--echo", path]).stdout).toBe(
      [
        "# A loop",
        "$ for name in a b; do",
        ">   echo $name",
        "> done",
        "a",
        "b",
        "$ ip -br link show lo # a remark",
        "lo               UNKNOWN        00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> ",
        "",
      ].join("\n"),
    );
  });
});

describe("a seed", () => {
  const path = command.script("network.sh", network);
  const first = command.run(["run", path]);

  test("makes two runs equal to the byte", () => {
    expect(first.stdout).toContain("2 packets transmitted, 2 received, 0% packet loss");
    expect(command.run(["run", path])).toEqual(first);
    expect(command.run(["run", "--seed", "1", path])).toEqual(first);
  });

  test("other than that gives other addresses, and nothing else", () => {
    const other = command.run(["run", "--seed", "2", path]);
    expect(other.stdout).not.toBe(first.stdout);
    const masked = (text: string) => text.replaceAll(/(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/g, "MAC");
    expect(masked(other.stdout).replaceAll(/time.*|rtt.*/g, "")).toBe(
      masked(first.stdout).replaceAll(/time.*|rtt.*/g, ""),
    );
  });
});

describe("streams", () => {
  test("have no colours in a pipe", () => {
    const path = command.script("colours.sh", "ip -c=auto link\nip -d addr\nbogus\n");
    const { stdout, stderr } = command.run(["run", "--echo", path]);
    expect(stdout + stderr).not.toContain("\u001b");
    expect(stderr).toContain("bogus: command not found");
  });

  test("that close early end the run quietly", async () => {
    const path = command.script("much.sh", "while true; do echo line; done\n");
    const child = command.start(["run", path]);
    await once(child.stdout, "data");
    child.stdout.destroy();
    let complaint = "";
    child.stderr.on("data", (chunk) => (complaint += String(chunk)));
    await once(child, "close");
    expect(complaint).toBe("");
  });
});

describe("patchcord shell without a terminal", () => {
  test("runs the lines that it reads, and ends with the last code", () => {
    const input = "ip link add dummy7 type dummy\nip -br link show dummy7 |\ncut -c1-6\nfalse\n";
    expect(command.run(["shell"], { input })).toEqual({ stdout: "dummy7\n", stderr: "", code: 1 });
    expect(command.run(["shell"], { input: "exit 5\necho never\n" })).toEqual({
      stdout: "",
      stderr: "",
      code: 5,
    });
  });
});

describe("SIGINT", () => {
  test("ends a ping, which prints its statistics; the script goes on", async () => {
    const path = command.script(
      "ping.sh",
      "ip link set lo up\nping -i 0.2 127.0.0.1\necho it ended with $?\n",
    );
    const child = command.start(["run", "--clock", "real", path]);
    let output = "";
    const answered = new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk) => {
        output += String(chunk);
        if (output.includes("icmp_seq=2")) resolve();
      });
    });
    await answered;
    child.kill("SIGINT");
    const [code] = (await once(child, "close")) as [number | null];
    expect(output).toMatch(
      /\n--- 127\.0\.0\.1 ping statistics ---\n(\d+) packets transmitted, \1 received, 0% packet loss/,
    );
    expect(output).toMatch(/it ended with 0\n$/);
    expect(code).toBe(0);
  });
});
