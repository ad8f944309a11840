// `patchcord serve` with SSL: clients and a controller of the Debian package, with keys that ovs-pki has made, and the embedded Open
// vSwitch.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageMissing } from "../real-kernel.ts";
import { Command } from "./command.ts";

const CONTROLLER = "/usr/bin/ovs-testcontroller";
const missing =
  packageMissing("openvswitch-switch", "/usr/bin/ovs-vsctl") ??
  packageMissing("openvswitch-pki", "/usr/bin/ovs-pki") ??
  packageMissing("openssl", "/usr/bin/openssl") ??
  (existsSync(CONTROLLER) ? undefined : "openvswitch-testcontroller is not installed");
if (missing !== undefined) console.log(`serve with SSL: not tested, ${missing}`);

/** Of the machine, where nothing else listens; they lead to the same ports of the embedded host, and come from there. */
const DATABASE_PORT = 16640;
const CONTROLLER_PORT = 16653;

describe.skipIf(missing !== undefined)("real programs", () => {
  const command = new Command();
  const folder = mkdtempSync(join(tmpdir(), "patchcord-ssl-"));
  const rundir = join(folder, "run");
  let served: ReturnType<Command["start"]>;
  let controller: ReturnType<typeof spawn> | undefined;
  const file = (name: string) => join(folder, name);
  const env = { ...process.env, OVS_RUNDIR: folder, OVS_LOGDIR: folder };
  const run = (program: string, ...args: string[]) => {
    const { stdout, stderr, status } = spawnSync(program, args, {
      encoding: "utf8",
      timeout: 60_000,
      cwd: folder,
      env,
    });
    return { stdout, stderr, status };
  };
  const pki = (...args: string[]) => {
    const { stderr, status } = run("ovs-pki", `--dir=${file("ca")}`, `--log=${file("log")}`, ...args);
    if (status !== 0) throw new Error(`ovs-pki ${args.join(" ")}: ${stderr}`);
  };
  const keys = ["-p", file("ctl-privkey.pem"), "-c", file("ctl-cert.pem")];
  const trusted = ["-C", file("ca/switchca/cacert.pem")];
  const ours = [`--db=ssl:127.0.0.1:${DATABASE_PORT}`, ...keys, ...trusted];

  beforeAll(async () => {
    pki("init");
    pki("req+sign", "sc", "switch");
    pki("req+sign", "ctl", "controller");
    const inside = (name: string, path: string) =>
      `cat > /root/${name} <<'EOF'\n${readFileSync(file(path), "utf8")}EOF\n`;
    const script = [
      inside("key.pem", "sc-privkey.pem"),
      inside("cert.pem", "sc-cert.pem"),
      inside("ca.pem", "ca/controllerca/cacert.pem"),
      "ovs-vsctl set-ssl /root/key.pem /root/cert.pem /root/ca.pem",
      `ovs-vsctl set-manager pssl:${DATABASE_PORT}:127.0.0.1 -- add-br br0`,
    ].join("\n");
    const ports = ["--publish", String(DATABASE_PORT), "--reach", String(CONTROLLER_PORT)];
    served = command.start(["serve", "--ovs-rundir", rundir, ...ports, command.script("ssl.sh", script)]);
    await new Promise<void>((resolve, reject) => {
      let said = "";
      served.stderr.on("data", (text) => {
        said += String(text);
        if (said.includes("serving in")) resolve();
      });
      served.on("exit", (code) => reject(new Error(`serve ended with ${code}: ${said}`)));
    });
  }, 60_000);

  afterAll(() => {
    controller?.kill("SIGKILL");
    served.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
    command.remove();
  });

  test("ovs-vsctl reads and changes the configuration", () => {
    expect(run("ovs-vsctl", ...ours, "add-br", "br1")).toEqual({ stdout: "", stderr: "", status: 0 });
    expect(run("ovs-vsctl", ...ours, "list-br")).toEqual({ stdout: "br0\nbr1\n", stderr: "", status: 0 });
  });

  test("a client whom the server does not trust, and one that does not trust the server", () => {
    const [database = ""] = ours;
    const switchKeys = ["-p", file("sc-privkey.pem"), "-c", file("sc-cert.pem")];
    const stranger = run("ovs-vsctl", database, ...switchKeys, ...trusted, "list-br");
    expect([stranger.stdout, stranger.status]).toEqual(["", 1]);
    expect(stranger.stderr).toMatch(/alert unknown ca|Broken pipe/);
    const wary = run("ovs-vsctl", database, ...keys, "-C", file("ca/controllerca/cacert.pem"), "list-br");
    expect([wary.stdout, wary.status]).toEqual(["", 1]);
    expect(wary.stderr).toContain("SSL_connect: error:0A000086:SSL routines::certificate verify failed");
  });

  test("openssl speaks TLS 1.2 and 1.3 with it, and is asked for a certificate", () => {
    const connect = (...args: string[]) =>
      run("openssl", "s_client", "-connect", `127.0.0.1:${DATABASE_PORT}`, ...args);
    const shown = ["-key", file("ctl-privkey.pem"), "-cert", file("ctl-cert.pem")];
    for (const [option, name] of [
      ["-tls1_2", "TLSv1.2"],
      ["-tls1_3", "TLSv1.3"],
    ] as const) {
      const { stdout } = connect(option, ...shown, "-CAfile", file("ca/switchca/cacert.pem"));
      expect(stdout).toContain(`New, ${name}`);
      expect(stdout).toContain("Verify return code: 0 (ok)");
    }
    expect(connect("-tls1_2").stderr).toContain("alert");
  });

  test("ovs-testcontroller is a controller", async () => {
    controller = spawn(CONTROLLER, [`pssl:${CONTROLLER_PORT}:127.0.0.1`, ...keys, ...trusted], {
      env,
      stdio: "ignore",
    });
    const target = `ssl:127.0.0.1:${CONTROLLER_PORT}`;
    expect(run("ovs-vsctl", ...ours, "set-controller", "br0", target).status).toBe(0);
    const state = () =>
      run("ovs-vsctl", ...ours, "--bare", "--columns=is_connected,role", "list", "controller").stdout;
    await expect.poll(state, { timeout: 40_000, interval: 500 }).toBe("true\nother\n");
    expect(run("ovs-vsctl", ...ours, "del-controller", "br0").status).toBe(0);
  }, 60_000);
});
