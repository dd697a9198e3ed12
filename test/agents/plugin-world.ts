import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { SessionWorld } from "../e2e/session-world.ts";
import { HOMES_PARENT, prepareHome, type Product } from "./products.ts";

/** Somebody who uses a product with the plugin, and whose tasks run on the scripted agent. */
export class PluginWorld extends SessionWorld {
  static async open(product: Product, modelUrl: string): Promise<PluginWorld> {
    const world = new PluginWorld({
      parent: HOMES_PARENT,
      also: "models:\n  large: {backend: scripted, id: scripted-large}\n  small: {backend: scripted, id: scripted-small}\n",
    });
    const bin = join(world.root, "bin");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "dispatch"),
      `#!/bin/sh\nexec ${world.self.map((word) => `'${word}'`).join(" ")} "$@"\n`,
    );
    chmodSync(join(bin, "dispatch"), 0o755);
    const settled = await prepareHome(product, { home: world.user, modelUrl });
    Object.assign(world.environment, settled, {
      PATH: [bin, settled["PATH"]].join(delimiter),
      ENABLE_TOOL_SEARCH: "false", // the scripted model calls only what it is offered
    });
    return world;
  }

  get user(): string {
    return join(this.root, "user");
  }

  /** What Claude Code asks a person at its first start in a folder was answered before. */
  settleTerminal(): void {
    const key = this.environment["ANTHROPIC_API_KEY"]!;
    const file = join(this.user, ".claude.json");
    const known = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as object) : {};
    writeFileSync(
      file,
      JSON.stringify({
        ...known,
        theme: "dark",
        hasCompletedOnboarding: true,
        customApiKeyResponses: { approved: [key.slice(-20)], rejected: [] },
        projects: { [this.repo]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
      }),
    );
  }
}
