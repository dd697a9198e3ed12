import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { DispatchError } from "../../base/error.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

const TOKEN_BYTES = 32;

/** The file by which a program's clients find the daemon, whether it was made now, and what a person is told of it. */
interface Found {
  readonly path: string;
  readonly made: boolean;
  readonly text: string;
}

/** By the keys of `compat`: what switches the face on, and how its clients find it. */
const PROGRAMS = {
  oppi: { on: {}, find: findOppi },
  workstation: { on: true, find: findWorkstation },
} satisfies Record<string, { on: unknown; find: (home: string) => Found }>;

export const configCompat = command({
  operands: ["NAME"],
  details:
    "oppi: its clients find port and token in ~/.config/oppi/config.json, which is made where there is none and never changed. workstation: its clients find a socket by ~/.varie-workstation/daemon.json, which is ours while the daemon runs and no Workstation does.",
  examples: ["dispatch config compat oppi", "dispatch config compat workstation"],
  flags: {},
  async run({ client, output, environment }, { operands }) {
    const name = programOf(operands[0]!);
    const { on, find } = PROGRAMS[name];
    const found = find(environment["HOME"] ?? homedir());
    const { value } = await client.call("getConfig", {}, {});
    const compat = value["compat"] as Record<string, unknown> | undefined;
    if (!compat?.[name]) await client.call("setConfig", {}, { key: `compat.${name}`, value: on });
    await output.show(found, ({ text }) =>
      [text, `${name}'s clients are served from the daemon's next start on: dispatch daemon restart`].join(
        "\n",
      ),
    );
    return EXIT.done;
  },
});

function programOf(name: string): keyof typeof PROGRAMS {
  if (Object.hasOwn(PROGRAMS, name)) return name as keyof typeof PROGRAMS;
  throw new DispatchError("not_found", `no other program ${JSON.stringify(name)} is known`, {
    candidates: Object.keys(PROGRAMS),
  });
}

function findOppi(home: string): Found {
  const path = join(home, ".config", "oppi", "config.json");
  if (existsSync(path)) return { path, made: false, text: `${path} is used as it is.` };
  writeToken(path);
  return { path, made: true, text: `Made ${path} with a new token.` };
}

function findWorkstation(home: string): Found {
  const path = join(home, ".varie-workstation", "daemon.json");
  return { path, made: false, text: `Its clients will find a socket by ${path}.` };
}

function writeToken(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const token = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toHex();
  writeFileSync(path, `${JSON.stringify({ token }, null, 2)}\n`, { mode: 0o600, flag: "wx" });
}
