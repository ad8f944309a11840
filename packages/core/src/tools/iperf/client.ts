// iperf3 -c: asks a server for a test, moves the bytes and tells what both sides have seen (iperf_client_api.c).

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeTcpInfo } from "../../netlink/sock-diag/tcp-info.ts";
import type { Process } from "../../system/process.ts";
import type { StreamOptions, StreamSocket } from "../../system/stream-sockets.ts";
import { MILLISECOND } from "../../system/system.ts";
import { NameFault, resolveHost } from "../resolver/hosts.ts";
import { addressText, inetOf, IperfError } from "./addresses.ts";
import type { InetAddress } from "./addresses.ts";
import { Control, ControlClosed, makeCookie, STATE } from "./control.ts";
import { jsonReport, jsonText } from "./json.ts";
import type { JsonFacts } from "./json.ts";
import { Mover } from "./mover.ts";
import type { IperfOptions } from "./options.ts";
import { Report } from "./report.ts";
import type { Side, StreamSummary } from "./report.ts";
import { resultsOf, sidesOf } from "./results.ts";
import { runTest } from "./run-test.ts";
import { congestionControl } from "./settings.ts";
import { TestStream } from "./stream.ts";
import { connectUdp } from "./udp.ts";
import { IPERF_VERSION } from "./usage.ts";

const TCP_BLOCK = 128 * 1024;
const FIRST_DESCRIPTOR = 5;

function resolve(process: Process, host: string, family: "inet" | "inet6" | undefined): Uint8Array {
  try {
    const [found] = resolveHost(process, host, family);
    if (found !== undefined) return found.address;
  } catch (fault) {
    if (!(fault instanceof NameFault)) throw fault;
  }
  throw new IperfError("error - unable to connect to server: Name or service not known");
}

/** Options of the control connection and, with more, of the streams. */
function socketOptions(
  process: Process,
  options: IperfOptions,
  family: "inet" | "inet6",
  stream: boolean,
): StreamOptions {
  const own = options.bind === undefined ? undefined : resolve(process, options.bind, family);
  const port = stream ? options.clientPort : 0;
  const local =
    own === undefined && port === 0
      ? undefined
      : { address: own ?? new Uint8Array(family === "inet" ? 4 : 16), port };
  return {
    ...(local && { local }),
    ...(options.device !== undefined && { device: options.device }),
    ...(!stream && { noDelay: true }),
    ...(stream && options.tos > 0 && { tos: options.tos }),
    ...(stream && options.noDelay && { noDelay: true }),
    ...(stream && options.maximumSegment > 0 && { maximumSegment: options.maximumSegment }),
    ...(stream && options.congestion !== undefined && { congestion: options.congestion }),
    ...(stream && options.window > 0 && { sendBuffer: options.window, receiveBuffer: options.window }),
  };
}

async function connect(
  process: Process,
  address: InetAddress,
  settings: StreamOptions,
  what: string,
  timeout?: number,
): Promise<StreamSocket> {
  const failed = (errno: number): IperfError =>
    new IperfError(`error - unable to connect ${what}: ${strerror(errno)}`);
  try {
    const socket = process.connectStream(address, settings);
    while (!socket.output.ready)
      if ((await process.wait([socket.output], timeout)) === "timeout") throw failed(ERRNO.ETIMEDOUT);
    socket.output.write(new Uint8Array(0));
    return socket;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    throw failed(refusal.errno);
  }
}

/** The exit code. Errors: IperfError. */
export async function runClient(process: Process, options: IperfOptions): Promise<number> {
  const host = options.server ?? "";
  const address = resolve(process, host, options.family);
  const family = address.length === 4 ? "inet" : "inet6";
  const place: InetAddress = { family, address, port: options.port };
  const print = (text: string): void => {
    if (!options.json)
      process.print(options.title === undefined ? text : text.replace(/^(?=.)/gm, `${options.title}:  `));
  };
  const timeout = options.connectTimeout === undefined ? undefined : options.connectTimeout * MILLISECOND;
  const settings = socketOptions(process, options, family, false);
  const controlSocket = await connect(process, place, settings, "to server", timeout);
  print(`Connecting to host ${host}, port ${options.port}\n`);
  if (options.reverse) print(`Reverse mode, remote host ${host} is sending\n`);
  const control = new Control(process, controlSocket);
  const cookie = makeCookie(process);
  const started = process.realtime();
  control.socket.output.write(new TextEncoder().encode(`${cookie}\0`));
  await expectState(control, STATE.PARAM_EXCHANGE);
  const controlInfo = controlSocket.information?.();
  const mss = (controlInfo && decodeTcpInfo(controlInfo)?.sendMss) || 1448;
  const length = options.length ?? (options.udp ? mss : TCP_BLOCK);
  control.writeJson(parametersOf(options, length));
  await expectState(control, STATE.CREATE_STREAMS);
  const streams: TestStream[] = [];
  for (let index = 0; index < options.parallel; index++)
    streams.push(await openStream(process, options, place, cookie, index));
  for (const stream of streams) {
    const { local, remote } = endsOf(stream);
    print(
      `[${String(stream.descriptor).padStart(3)}] local ${addressText(local)} port ${local.port} connected to ${addressText(remote)} port ${remote.port}\n`,
    );
  }
  await expectState(control, STATE.TEST_START);
  await expectState(control, STATE.TEST_RUNNING);
  const report = new Report({
    udp: options.udp,
    sender: !options.reverse,
    format: options.format,
    interval: options.interval,
    print,
  });
  report.header();
  let stopped = false;
  process.onSignal("SIGINT", () => (stopped = true));
  const mover = new Mover(process, streams, { length, bitrate: options.bitrate, most: options.bytes });
  const intervals = await runTest(process, mover, control, report, {
    interval: options.interval,
    duration: options.bytes > 0 ? undefined : options.duration,
    stopped: () => stopped,
  });
  if (control.ready) {
    const state = await control.readState();
    if (state === STATE.SERVER_TERMINATE) throw new IperfError("error - the server has terminated");
  }
  control.writeState(STATE.TEST_END);
  await expectState(control, STATE.EXCHANGE_RESULTS);
  const own = resultsOf(streams, options.congestion ?? congestionControl(process));
  control.writeJson(own);
  const theirs = await control.readJson();
  await expectState(control, STATE.DISPLAY_RESULTS);
  const summaries = summariesOf(streams, sidesOf(own), sidesOf(theirs));
  report.results(summaries);
  control.writeState(STATE.IPERF_DONE);
  for (const stream of streams) stream.close();
  controlSocket.close();
  if (!options.json) print("\niperf Done.\n");
  else {
    const ownControl = own.congestion_used;
    const theirControl = String(theirs["congestion_used"] ?? "");
    const facts: JsonFacts = {
      host,
      cookie,
      mss,
      length,
      started,
      streams,
      intervals,
      summaries,
      reverse: options.reverse,
      congestion: options.reverse ? [theirControl, ownControl] : [ownControl, theirControl],
    };
    process.print(jsonText(jsonReport(process, options, facts)));
  }
  return 0;
}

function endsOf(stream: TestStream): { readonly local: InetAddress; readonly remote: InetAddress } {
  if (stream.tcp !== undefined) return { local: inetOf(stream.tcp.local), remote: inetOf(stream.tcp.remote) };
  const local = stream.udp?.localAddress();
  const remote = stream.udp?.remoteAddress();
  if (local === undefined || remote === undefined) throw new IperfError("error - no address");
  const family = local.address.length === 4 ? "inet" : "inet6";
  return { local: { family, ...local }, remote: { family, ...remote } };
}

async function expectState(control: Control, wanted: number): Promise<void> {
  let state: number;
  try {
    state = await control.readState();
  } catch (end) {
    if (!(end instanceof ControlClosed)) throw end;
    throw new IperfError(`error - ${end.text}`);
  }
  if (state === wanted) return;
  if (state === STATE.ACCESS_DENIED)
    throw new IperfError("error - the server is busy running a test. try again later");
  throw new IperfError(
    "error - unable to receive control message - port may not be available, the other side may have stopped running, etc.: Success",
  );
}

function parametersOf(options: IperfOptions, length: number): Record<string, unknown> {
  return {
    ...(options.udp ? { udp: true } : { tcp: true }),
    omit: 0,
    time: options.duration,
    num: options.bytes,
    blockcount: 0,
    ...(options.maximumSegment > 0 && { MSS: options.maximumSegment }),
    ...(options.noDelay && { nodelay: true }),
    parallel: options.parallel,
    ...(options.reverse && { reverse: true }),
    ...(options.window > 0 && { window: options.window }),
    len: length,
    ...(options.bitrate > 0 && { bandwidth: options.bitrate }),
    pacing_timer: 1000,
    ...(options.tos > 0 && { TOS: options.tos }),
    ...(options.congestion !== undefined && { congestion: options.congestion }),
    client_version: IPERF_VERSION,
  };
}

async function openStream(
  process: Process,
  options: IperfOptions,
  place: InetAddress,
  cookie: string,
  index: number,
): Promise<TestStream> {
  const fields = { index, descriptor: FIRST_DESCRIPTOR + 2 * index, sender: !options.reverse };
  if (options.udp) return new TestStream({ ...fields, udp: await connectUdp(process, place, options.tos) });
  const settings = socketOptions(process, options, place.family, true);
  const tcp = await connect(process, place, settings, "stream");
  tcp.output.write(new TextEncoder().encode(`${cookie}\0`));
  return new TestStream({ ...fields, tcp });
}

function summariesOf(
  streams: readonly TestStream[],
  own: ReadonlyMap<number, Side>,
  theirs: ReadonlyMap<number, Side>,
): StreamSummary[] {
  return streams.map(({ id, descriptor, sender }) => ({
    descriptor,
    sent: (sender ? own : theirs).get(id),
    received: (sender ? theirs : own).get(id),
  }));
}
