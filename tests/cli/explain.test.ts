// `patchcord trace`, `why` and `doctor`: the network of a lab or of a scan, exit codes, help.

import { afterAll, describe, expect, test } from "vitest";
import { Command } from "./command.ts";

const command = new Command();
afterAll(() => command.remove());

const hosts = [1, 2].map(
  (number) => `ip netns add h${number}
ip link add p${number} type veth peer name eth0 netns h${number}
ip link set p${number} master br0 up
ip -n h${number} address add 10.1.0.${number}/24 dev eth0
ip -n h${number} link set eth0 up
`,
);
const network = `ip link add br0 type bridge; ip link set br0 up\n${hosts.join("")}`;

describe("on a lab", () => {
  test("trace tells the way and ends with the verdict; what the lab prints is left out", () => {
    const lab = command.script("lab.sh", `${network}echo noise; false\n`);
    const { stdout, stderr, code } = command.run(["trace", "--lab", lab, "h1", "10.1.0.2"]);
    expect(stdout).toMatch(/^0\.00 {2}h1 .*ICMP echo request[^]*\nAnswered after .*\n$/);
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  });

  test("why names the fault and the command that mends it", () => {
    const lab = command.script("broken.sh", `${network}ip -n h2 link set eth0 down\n`);
    const { stdout, code } = command.run(["why", "--lab", lab, "h1", "10.1.0.2"]);
    expect(stdout).toMatch(
      /1\. eth0 in h2 is down {2}\[link-down, h2\/eth0\]\n.*\n +fix: ip -n h2 link set eth0 up\n/,
    );
    expect(code).toBe(1);
  });

  test("doctor needs no destination, and a lab may come on standard input", () => {
    expect(command.run(["doctor", "--lab", "-"], { input: network })).toEqual({
      stdout: "Nothing is wrong: 3 namespaces, 8 devices\n",
      stderr: "",
      code: 0,
    });
  });
});

test.each(["scan", "map", "doctor"])("%s takes NO_COLOR, whether or not it has colours", (name) => {
  const lab = command.script("plain.sh", network);
  const run = (env: Readonly<Record<string, string>>) =>
    command.run([name, "--system", "embedded", "--lab", lab], { env });
  expect(run({ NO_COLOR: "1" })).toEqual(run({ NO_COLOR: "" }));
  expect(run({ NO_COLOR: "1" })).toMatchObject({ stderr: "", code: 0 });
});

describe("on a scan", () => {
  test("why rebuilds the machine's network and explains it", () => {
    const lab = command.script("scanned.sh", `${network}ip -n h2 link set eth0 down; sleep 3; scan --json\n`);
    const { stdout: scan } = command.run(["run", lab]);
    const { stdout, stderr, code } = command.run(["why", "--from-scan", "-", "h1", "10.1.0.2"], {
      input: scan,
    });
    expect(stdout).toMatch(/\[link-down, h2\/eth0\]/);
    expect({ stderr, code }).toEqual({ stderr: "", code: 1 });
  });

  test.each(["[]", "{}", "not JSON\nbut two lines\n"])(
    "what is no scan is refused in a line: %j",
    (input) => {
      expect(command.run(["why", "--from-scan", "-", "h1", "10.1.0.2"], { input })).toMatchObject({
        stdout: "",
        stderr: expect.stringMatching(/^.*-: this is not what scan --json prints: .*\n$/) as string,
        code: 66,
      });
    },
  );
});

describe("wrong usage", () => {
  test("without a network, 2", () => {
    const { stderr, code } = command.run(["why", "h1", "10.1.0.2"]);
    expect(stderr).toMatch(/^patchcord why: which network\?/);
    expect(code).toBe(2);
  });

  test("with a namespace that is not there, 2", () => {
    const lab = command.script("lab.sh", network);
    const { stderr, code } = command.run(["trace", "--lab", lab, "h9", "10.1.0.2"]);
    expect(stderr).toBe("trace: no namespace 'h9'; there are: host, h1, h2\n");
    expect(code).toBe(2);
  });

  test.each(["trace", "why", "doctor"])("%s --help shows examples and exit codes", (name) => {
    const { stdout, code } = command.run([name, "--help"]);
    expect(stdout).toMatch(/Usage: /);
    expect(stdout).toMatch(/Exit status: 0/);
    expect(stdout).toContain(`patchcord ${name} --lab`);
    expect(code).toBe(0);
  });
});
