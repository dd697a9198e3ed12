import { z } from "zod";
import type { Project } from "../../protocol/project.ts";
import { userFolder } from "./user-folder.ts";
import { command, failed, MAX_PATH_CHARS, type Reply } from "./wire.ts";

const INVALID = "Invalid path in payload";

/** Looks for repositories; no file of the user's is changed. */
export const discoverProjects = command({
  payload: z.object({ path: z.string(INVALID).min(1, INVALID).max(MAX_PATH_CHARS, INVALID).optional() }),
  async run({ client, home }, { path }) {
    const folder = path === undefined ? null : userFolder(home, path);
    if (folder && "fault" in folder)
      return failed(
        folder.fault === "outside"
          ? "Invalid path: must be under home directory"
          : `Path does not exist: ${path}`,
      );
    const found = await client.call("discoverProjects", {}, folder ? { path: folder.path } : {});
    const discovered = found.projects.map(projectOf);
    const reply: Reply = {
      status: "ok",
      message: `Discovered ${discovered.length} projects (${found.added} new)`,
      discovered,
      total: discovered.length,
      newCount: found.added,
    };
    return folder ? { ...reply, customPath: folder.path } : reply;
  },
});

function projectOf({ name, path, signs, source }: Project) {
  const hasClaudeMd = signs.includes("CLAUDE.md");
  const found = hasClaudeMd ? "claude_md" : "scanned";
  return { name, path, hasClaudeMd, source: source === "workspace" ? "learned" : found };
}
