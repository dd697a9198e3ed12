import { createHmac } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import type { Delivery, Webhook } from "../../src/protocol/webhook.ts";
import { World } from "./world.ts";

interface Received {
  headers: Headers;
  body: string;
  data: { type: string; data: { name: string; text: string } };
}

/** An address that answers as it is told to; `next` resolves with what comes in order. */
class Address implements Disposable {
  status = 200;
  readonly #server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => this.#take(request) });
  readonly #received: Received[] = [];
  #came = Promise.withResolvers<void>();

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/hook`;
  }

  async next(): Promise<Received> {
    for (;;) {
      const first = this.#received.shift();
      if (first) return first;
      await this.#came.promise;
    }
  }

  get waiting(): number {
    return this.#received.length;
  }

  [Symbol.dispose](): void {
    void this.#server.stop(true);
  }

  async #take(request: Request): Promise<Response> {
    const body = await request.text();
    this.#received.push({ headers: request.headers, body, data: JSON.parse(body) as Received["data"] });
    this.#came.resolve();
    this.#came = Promise.withResolvers();
    return new Response(null, { status: this.status });
  }
}

async function add(
  world: World,
  address: Address,
  ...flags: string[]
): Promise<{ webhook: Webhook; secret: string }> {
  return world.json("webhooks", "add", address.url, ...flags);
}

/** The deliveries to an address, once they are as wanted: its answer is written down after it was given. */
async function deliveriesTo(
  world: World,
  webhook: Webhook,
  isSo: (deliveries: Delivery[]) => boolean,
): Promise<Delivery[]> {
  for (;;) {
    const { deliveries } = await world.json<{ deliveries: Delivery[] }>("webhooks", "show", webhook.id);
    if (isSo(deliveries)) return deliveries;
  }
}

function isSigned({ headers, body }: Received, secret: string): boolean {
  const signed = `${headers.get("webhook-id")}.${headers.get("webhook-timestamp")}.${body}`;
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  return (
    headers.get("webhook-signature") === `v1,${createHmac("sha256", key).update(signed).digest("base64")}`
  );
}

test("an address is told, signed, of a question and of the end, each once", async () => {
  await using world = new World();
  using address = new Address();
  const { secret } = await add(world, address);
  const slug = await world.dispatch(
    "scripted: ask Which one?\nscripted: finish it is done",
    "--name",
    "told",
  );
  const asked = await address.next();
  expect(asked.data).toMatchObject({ type: "needs-you", data: { name: "told", text: "Which one?" } });
  expect(isSigned(asked, secret)).toBe(true);
  await world.ok("answer", slug, "that one");
  const done = await address.next();
  expect(done.data).toMatchObject({ type: "done", data: { name: "told", text: "it is done" } });
  await world.ok("clean", slug);
  await world.killDaemon();
  await world.ok("webhooks", "test", (await world.json<{ webhooks: Webhook[] }>("webhooks")).webhooks[0]!.id);
  expect((await address.next()).data.data.name).toBe("test");
  expect(address.waiting).toBe(0);
});

test("what happened while the address was down comes when its time is, under the same id, over a death of the daemon", async () => {
  await using world = new World();
  using address = new Address();
  const { webhook } = await add(world, address, "--on", "done");
  address.status = 503;
  const slug = await world.dispatch("scripted: finish fine");
  const first = await address.next();
  await world.settled(slug);
  await deliveriesTo(world, webhook, ([delivery]) => delivery!.tries === 1);
  address.status = 200;
  await world.killDaemon();
  await world.ok("tasks");
  const second = await address.next();
  expect(second.headers.get("webhook-id")).toBe(first.headers.get("webhook-id"));
  expect(second.body).toBe(first.body);
  const deliveries = await deliveriesTo(world, webhook, ([delivery]) => delivery!.state !== "waiting");
  expect(deliveries.map(({ state, tries }) => [state, tries])).toEqual([["delivered", 2]]);
}, 120_000);

test("an address that is gone is told no more, and one that does not answer holds up no other", async () => {
  await using world = new World();
  using gone = new Address();
  using good = new Address();
  gone.status = 410;
  const { webhook } = await add(world, gone, "--on", "done");
  await add(world, good, "--on", "done");
  await world.settled(await world.dispatch("scripted: finish one"));
  await Promise.all([gone.next(), good.next()]);
  await deliveriesTo(world, webhook, ([delivery]) => delivery!.state === "failed");
  const { webhooks } = await world.json<{ webhooks: Webhook[] }>("webhooks");
  expect(webhooks.find(({ id }) => id === webhook.id)!.disabled).toBe(true);
  await world.settled(await world.dispatch("scripted: finish two"));
  await good.next();
  expect(gone.waiting).toBe(0);
});

test("a session's turn that is over is told, and a session that fails", async () => {
  await using world = new World();
  using address = new Address();
  await add(world, address);
  const words = ["--workspace", world.repo, "--name", "talk"];
  await world.ok("session", "new", ...words, "--prompt", "scripted: text hello");
  expect((await address.next()).data).toMatchObject({ type: "done", data: { name: "talk" } });
  await world.ok("tell", "talk", "scripted: crash");
  const failed = await address.next();
  expect(failed.data).toMatchObject({ type: "failed", data: { name: "talk" } });
});

test("mistakes are told, and a worker cannot have its results sent anywhere", async () => {
  await using world = new World();
  for (const url of ["https://al:secret@example.org", "ftp://example.org", "not a url", "file:///etc/passwd"])
    expect((await world.run("webhooks", "add", url)).code).toBe(2);
  expect((await world.run("webhooks", "add", "http://127.0.0.1:9", "--on", "lunch")).stderr).toContain(
    "not lunch",
  );
  expect((await world.run("webhooks", "rm", "whk_none")).code).toBe(3);
  world.environment["DISPATCH_RUN"] = "ses_x:1";
  expect((await world.run("webhooks", "add", "http://127.0.0.1:9")).code).toBe(5);
});

test("a command of the config is told, with the text as data", async () => {
  const command = `cat > "$HOME/draft" && mv "$HOME/draft" "$HOME/$DISPATCH_NOTICE_KIND.json"`;
  await using world = new World({ also: `notify:\n  command: ${JSON.stringify(command)}\n` });
  const evil = '$(touch "$HOME/owned") `id`; exit 1';
  await world.settled(await world.dispatch(`scripted: finish ${evil}`));
  const home = world.environment["HOME"]!;
  await world.appears("done.json", home);
  expect(await Bun.file(`${home}/done.json`).json()).toMatchObject({ kind: "done", text: evil });
  expect(await Bun.file(`${home}/owned`).exists()).toBe(false);
});

test("a schedule that fails is told once, waits in the inbox while it fails, and is told again after it did not", async () => {
  await using world = new World();
  using address = new Address();
  const folder = join(world.root, "site");
  mkdirSync(folder);
  for (const each of [world.repo, folder]) await world.ok("workspaces", "add", each);
  using elsewhere = new Address();
  await add(world, elsewhere, "--on", "failed", "--workspace", "repo");
  await add(world, address, "--on", "failed", "--workspace", "site");
  expect(await world.ok("webhooks")).toContain(`failed  only site  ${address.url}\n`);
  await world.ok(
    "schedule",
    "add",
    "0 3 1 1 *",
    "scripted: finish fine",
    "--workspace",
    folder,
    "--name",
    "dawn",
  );
  rmSync(folder, { recursive: true });
  expect((await world.run("schedule", "run", "dawn")).code).toBe(1);
  expect((await world.run("schedule", "run", "dawn")).code).toBe(1);
  expect((await address.next()).data).toMatchObject({
    type: "failed",
    data: {
      name: "dawn",
      text: expect.stringContaining("does not exist"),
      next: "dispatch schedule run dawn",
    },
  });
  for (const look of [["inbox"], []]) {
    const shown = await world.ok(...look);
    expect(shown).toContain("the schedule dawn failed: ");
    expect(shown).toContain("dispatch schedule run dawn");
  }

  mkdirSync(folder);
  await world.ok("schedule", "run", "dawn");
  expect((await world.settled("finish-fine")).task.status.state).toBe("completed"); // else it fails with its folder
  expect(await world.ok("inbox")).toBe("Nothing needs you.\n");
  rmSync(folder, { recursive: true });
  expect((await world.run("schedule", "run", "dawn")).code).toBe(1);
  expect((await address.next()).data.data.name).toBe("dawn");
  expect([address.waiting, elsewhere.waiting]).toEqual([0, 0]);
  await world.ok("schedule", "off", "dawn");
  expect(await world.ok("inbox")).toBe("Nothing needs you.\n");
});
