import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "../base/id.ts";
import { type JsonServer, listenJson } from "../base/json-socket.ts";
import { openLedger } from "./commit.ts";
import { HostLink, type HostPorts, type HostStart } from "./host-link.ts";
import { Intake } from "./intake.ts";
import { FileLog } from "./log.ts";
import { Policy } from "./policy.ts";

/** More than a host gets that cannot start. */
const MANY = 10;

/** What the host says that is told of a link, whose starts go like this, once its daemon greets it: or why it was given up. */
async function greeted(startOf: (count: number, listen: () => Promise<void>) => Promise<HostStart>) {
  const home = mkdtempSync(join(tmpdir(), "link-"));
  const session = newId("ses");
  const ledger = openLedger({ path: join(home, "dispatch.db"), report: () => {} });
  const log = new FileLog(join(home, "daemon.log"));
  const said = Promise.withResolvers<unknown>();
  let server: JsonServer | null = null;
  async function listen(): Promise<void> {
    const accept = () => ({ onMessage: said.resolve, onClose() {} });
    server = await listenJson(join(home, "sessions", session, "host.sock"), accept);
  }
  let starts = 0;
  const unused = () => {
    throw new Error("nothing of this is asked for before the host has greeted");
  };
  const ports: HostPorts = {
    home,
    ledger,
    log,
    intake: new Intake({ ledger, policy: new Policy("/") }),
    spawnHost: () => startOf(++starts, listen),
    launch: unused,
    seen: unused,
    taken: unused,
    vanished: unused,
    left() {},
    lost: said.resolve,
  };
  const link = new HostLink(session, ports);
  link.open();
  const answer = await said.promise;
  link.close();
  (server as JsonServer | null)?.close();
  log.close();
  ledger.close();
  rmSync(home, { recursive: true });
  return { answer, starts };
}

test("a host that has the session and does not listen yet is waited for, however slow it is", async () => {
  const { answer, starts } = await greeted(async (count, listen) => {
    if (count === MANY) await listen();
    return "held";
  });
  expect(answer).toMatchObject({ type: "hello" });
  expect(starts).toBe(MANY);
});

test("one that cannot start is given up after some tries", async () => {
  const { answer, starts } = await greeted(async () => "ended");
  expect(String(answer)).toContain("did not answer");
  expect(starts).toBeLessThan(MANY);
});
