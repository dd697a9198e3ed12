import claudeLock from "./adapters/claude-agent-acp/bun.lock";
import claudeManifest from "./adapters/claude-agent-acp/package.json";
import codexLock from "./adapters/codex-acp/bun.lock";
import codexManifest from "./adapters/codex-acp/package.json";
import piLock from "./adapters/pi-acp/bun.lock";
import piManifest from "./adapters/pi-acp/package.json";
import type { AdapterName } from "./agent-row.ts";

/** What an adapter is installed from: a manifest, and the frozen lock with the hash of every package that it needs. */
export interface AdapterPackage {
  readonly version: string;
  /** What the adapter is called in the registry. */
  readonly name: string;
  readonly manifest: object;
  readonly lock: object;
  /** The program, from the folder that it is installed in. */
  readonly entry: string;
}

/**
 * The adapters, embedded in our own program. To take a newer one, write its version in both places of its package.json
 * and run `bun install --lockfile-only --ignore-scripts` beside it.
 */
export const ADAPTER_PACKAGES: Readonly<Record<AdapterName, AdapterPackage>> = {
  "claude-agent-acp": {
    version: claudeManifest.version,
    name: "@agentclientprotocol/claude-agent-acp",
    manifest: claudeManifest,
    lock: claudeLock,
    entry: "node_modules/@agentclientprotocol/claude-agent-acp/dist/index.js",
  },
  "codex-acp": {
    version: codexManifest.version,
    name: "@agentclientprotocol/codex-acp",
    manifest: codexManifest,
    lock: codexLock,
    entry: "node_modules/@agentclientprotocol/codex-acp/dist/index.js",
  },
  "pi-acp": {
    version: piManifest.version,
    name: "pi-acp",
    manifest: piManifest,
    lock: piLock,
    entry: "node_modules/pi-acp/dist/index.js",
  },
};
