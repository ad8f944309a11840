// curl between two embedded hosts, against answers that nc gives; what the real one (7.88.1) printed for the same commands between two
// namespaces.

import { describe, expect, test } from "vitest";
import { runEmbedded } from "../testing/run-embedded.ts";
import { parseUrl, resolveUrl } from "./url.ts";

const PAIR =
  "ip netns add a; ip netns add b; ip link add v0 netns a type veth peer name v1 netns b; " +
  "ip -n a addr add 10.0.0.1/24 dev v0; ip -n b addr add 10.0.0.2/24 dev v1; ip -n a link set lo up; " +
  "ip -n a link set v0 up; ip -n b link set v1 up; ";
const PLAIN = "HTTP/1.0 200 OK\\r\\nContent-Type: text/plain\\r\\nContent-Length: 6\\r\\n\\r\\nhello\\n";
const CHUNKED =
  "HTTP/1.1 404 Not Found\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n1\\r\\n\\n\\r\\n0\\r\\n\\r\\n";

const run = (answer: string, command: string): Promise<string> =>
  runEmbedded(
    `${PAIR}printf '${answer}' | ip netns exec b nc -N -l 8000 > req & sleep 0.1; ` +
      `ip netns exec a ${command}; echo "rc $?"`,
  );

describe("what is fetched", () => {
  test.each([
    [PLAIN, "curl -s http://10.0.0.2:8000/a?b=c", "hello\nrc 0\n"],
    [
      PLAIN,
      "curl -si http://10.0.0.2:8000/x",
      "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\nrc 0\n",
    ],
    [
      PLAIN,
      "curl -sI http://10.0.0.2:8000/x",
      "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nrc 0\n",
    ],
    [
      PLAIN,
      "curl -s -o /dev/null -w '%{http_code} %{size_download} %{content_type}\\n' 10.0.0.2:8000/x",
      "200 6 text/plain\nrc 0\n",
    ],
    [
      CHUNKED,
      "curl -sSf http://10.0.0.2:8000/a",
      "curl: (22) The requested URL returned error: 404\nrc 22\n",
    ],
    [CHUNKED, "curl -s http://10.0.0.2:8000/a", "hello\nrc 0\n"],
    ["", "curl -sS http://10.0.0.2:8000/a", "curl: (52) Empty reply from server\nrc 52\n"],
    [
      "HTTP/1.0 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\nhello\\n",
      "curl -sS http://10.0.0.2:8000/a",
      "curl: (18) transfer closed with 4 bytes remaining to read\nhello\nrc 18\n",
    ],
  ])("%j %s", async (answer, command, text) => {
    expect(await run(answer, command)).toBe(text);
  });

  test("-v tells of the connection, the request and the answer", async () => {
    expect(await run(PLAIN, "curl -sv http://10.0.0.2:8000")).toBe(
      "*   Trying 10.0.0.2:8000...\n* Connected to 10.0.0.2 (10.0.0.2) port 8000 (#0)\n" +
        "> GET / HTTP/1.1\r\n> Host: 10.0.0.2:8000\r\n> User-Agent: curl/7.88.1\r\n> Accept: */*\r\n> \r\n" +
        "* HTTP 1.0, assume close after body\n< HTTP/1.0 200 OK\r\n< Content-Type: text/plain\r\n" +
        "< Content-Length: 6\r\n< \r\n{ [6 bytes data]\n* Closing connection 0\nhello\nrc 0\n",
    );
    expect(await run(CHUNKED, "curl -sv http://10.0.0.2:8000/a")).toBe(
      "*   Trying 10.0.0.2:8000...\n* Connected to 10.0.0.2 (10.0.0.2) port 8000 (#0)\n" +
        "> GET /a HTTP/1.1\r\n> Host: 10.0.0.2:8000\r\n> User-Agent: curl/7.88.1\r\n> Accept: */*\r\n> \r\n" +
        "< HTTP/1.1 404 Not Found\r\n< Transfer-Encoding: chunked\r\n< \r\n{ [21 bytes data]\n" +
        "* Connection #0 to host 10.0.0.2 left intact\nhello\nrc 0\n",
    );
  });

  test("what goes out", async () => {
    await expect(run(PLAIN, "curl -s -d x=1 -H 'X-A: b' 10.0.0.2:8000/a; wait; cat req")).resolves.toBe(
      "hello\nPOST /a HTTP/1.1\r\nHost: 10.0.0.2:8000\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nX-A: b\r\n" +
        "Content-Length: 3\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nx=1rc 0\n",
    );
  });
});

describe("what cannot be fetched", () => {
  test.each([
    [
      "curl http://10.0.0.2:81/",
      "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n" +
        "                                 Dload  Upload   Total   Spent    Left  Speed\n" +
        "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0".repeat(2) +
        "\ncurl: (7) Failed to connect to 10.0.0.2 port 81 after 0 ms: Couldn't connect to server\n7\n",
    ],
    ["curl -s http://10.0.0.2:81/", "7\n"],
    [
      "curl -sS http://192.168.4.4/",
      "curl: (7) Failed to connect to 192.168.4.4 port 80 after 0 ms: Couldn't connect to server\n7\n",
    ],
    [
      "curl -sS --connect-timeout 1 http://10.0.0.9/",
      "curl: (28) Failed to connect to 10.0.0.9 port 80 after 1000 ms: Timeout was reached\n28\n",
    ],
    ["curl -sS -m 1 http://10.0.0.9/", "curl: (28) Connection timed out after 1000 milliseconds\n28\n"],
    ["curl -sS http://nosuch/", "curl: (6) Could not resolve host: nosuch\n6\n"],
    ["curl", "curl: try 'curl --help' or 'curl --manual' for more information\n2\n"],
    [
      "curl --nonsense x",
      "curl: option --nonsense: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n2\n",
    ],
  ])("%s", async (command, text) => {
    expect(await runEmbedded(`${PAIR}ip netns exec a ${command}; echo $?`)).toBe(text);
  });
});

test("URLs", () => {
  expect(parseUrl("10.0.0.2")).toMatchObject({ scheme: "http", host: "10.0.0.2", port: 80, path: "/" });
  expect(parseUrl("http://[fd00::2]:8000/a?b#c")).toEqual({
    scheme: "http",
    host: "fd00::2",
    port: 8000,
    path: "/a?b",
    authority: "[fd00::2]:8000",
  });
  expect(parseUrl("http://a/b/../c/./d?e/../f")).toMatchObject({ path: "/c/d?e/../f" });
  expect(parseUrl("http://a/../..")).toMatchObject({ path: "/" });
  expect(parseUrl("http://:80/")).toBeUndefined();
  expect(parseUrl("http://a:99999/")).toBeUndefined();
  const from = parseUrl("http://a:8000/b/c?d");
  expect(from && resolveUrl(from, "/x")).toBe("http://a:8000/x");
  expect(from && resolveUrl(from, "y")).toBe("http://a:8000/b/y");
});

test("from busybox httpd", async () => {
  const got = await runEmbedded(
    `${PAIR}mkdir www; echo data > www/a.txt; ip netns exec b busybox httpd -p 8080 -h www; ` +
      "for path in a.txt nope; do ip netns exec a curl -si http://10.0.0.2:8080/$path; done; " +
      "ip netns exec a curl -sI -X FOO http://10.0.0.2:8080/a.txt | head -1; " +
      "ip netns exec b busybox httpd -p 8080; echo rc $?; ip netns exec b ss -Htln",
  );
  expect(got.replace(/(Date|Last-Modified): .*\r/g, "$1: TIME\r").replace(/"[0-9a-f]{8}-/, '"TIME-')).toBe(
    "HTTP/1.1 200 OK\r\nDate: TIME\r\nConnection: close\r\nContent-type: text/plain\r\nAccept-Ranges: bytes\r\n" +
      'Last-Modified: TIME\r\nETag: "TIME-5"\r\nContent-Length: 5\r\n\r\ndata\n' +
      "HTTP/1.1 404 Not Found\r\nDate: TIME\r\nConnection: close\r\nContent-type: text/html\r\n\r\n" +
      "<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD>\n<BODY><H1>404 Not Found</H1>\n" +
      "The requested URL was not found\n</BODY></HTML>\n" +
      "HTTP/1.1 501 Not Implemented\r\nhttpd: bind: Address already in use\nrc 1\n" +
      "LISTEN 0      9      *:8080 *:*\n",
  );
});
