import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AGENT, World } from "./world.ts";

const ONE_SHOT = [
  ...AGENT.slice(0, -1),
  join(import.meta.dir, "..", "..", "src", "agents", "scripted", "one-shot.ts"),
];

/** A shell script that does what Cursor's own command line does: https://cursor.com/docs/cli */
export const CURSOR = [
  `case "$1" in`,
  `  --version) echo 2026.10.01-e373342;;`,
  `  status) echo "Logged in as ada@example.org";;`,
  `  acp) SCRIPTED_START=authenticate exec ${AGENT.join(" ")};;`,
  `  *) SCRIPTED_FORMAT=cursor exec ${ONE_SHOT.join(" ")} "$@";;`,
  `esac`,
].join("\n");

/** How a product behaves that is only a script: what its version and login status answer, and how it starts. */
interface FakeProduct {
  version?: string;
  /** False: its status command says that nobody is logged in. */
  login?: boolean;
  /** Variables of the scripted agent that plays it. */
  variables?: string;
  /** It answers nothing at all, and leaves a child behind that holds its output. */
  hangs?: boolean;
}

/** A machine with products that are scripts, and no configuration: nothing else is on its PATH but the system's own. */
export class FakeProductWorld extends World {
  readonly bin: string;

  constructor(settings?: string) {
    super(settings === undefined ? {} : { settings });
    if (settings === undefined) rmSync(join(this.home, "config.yaml"));
    this.bin = join(this.root, "bin");
    mkdirSync(this.bin);
    this.environment["PATH"] = `${this.bin}:/usr/bin:/bin`;
  }

  /** Puts a product on the PATH; \`claude\` and \`codex\` come with their adapter, as a user who installed both has them. */
  install(program: string, product: FakeProduct = {}): void {
    this.script(program, productScript(product));
    const adapter = { claude: "claude-agent-acp", codex: "codex-acp" }[program];
    if (adapter) this.script(adapter, agentLine(product));
  }

  uninstall(program: string): void {
    rmSync(join(this.bin, program));
  }

  script(name: string, text: string): void {
    const path = join(this.bin, name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  }
}

function productScript(product: FakeProduct): string {
  const { version = "1.2.3", login = true, hangs = false } = product;
  if (hangs) return "sleep 60";
  return [
    `case "$*" in`,
    `  --version) echo "product ${version}"; exit 0;;`,
    `  "auth status"|"login status") exit ${login ? 0 : 1};;`,
    `esac`,
    agentLine(product),
  ].join("\n");
}

function agentLine({ variables = "" }: FakeProduct): string {
  return `exec env ${variables} ${AGENT.join(" ")}`;
}
