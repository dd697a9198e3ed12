import { existsSync } from "node:fs";
import { join } from "node:path";
import { visible } from "../core/visible.ts";
import type { Finding } from "../protocol/finding.ts";
import type { Notice } from "../protocol/notice.ts";
import type { Environment } from "./environment.ts";

const TITLES: Record<Notice["kind"], string> = {
  done: "is done",
  failed: "failed",
  "needs-you": "needs you",
};
const OFF = "dispatch config set notify.desktop false";

const IS_MAC = process.platform === "darwin";
const PROGRAM = IS_MAC ? "osascript" : "notify-send";

/** The title and the text are arguments of their own; AppleScript reads them from the environment. */
export function desktopCommand({ kind, name, text }: Notice): [string, ...string[]] {
  if (IS_MAC) {
    const script = `display notification (system attribute "DISPATCH_NOTICE_TEXT") with title "dispatch" subtitle (system attribute "DISPATCH_NOTICE_NAME")`;
    return [PROGRAM, "-e", script];
  }
  const urgency = kind === "done" ? "low" : "normal";
  const title = visible(`${name} ${TITLES[kind]}`);
  return [PROGRAM, "--app-name=dispatch", `--urgency=${urgency}`, "--", title, plainBody(text)];
}

/** Why no notice would be seen on the desktop, as far as can be told before; null: nothing is known. */
export function desktopFinding(environment: Environment): Finding | null {
  const about = "notify";
  if (Bun.which(PROGRAM, { PATH: environment["PATH"] ?? "" }) === null) {
    const text = `no notice is shown on the desktop: ${PROGRAM} is not installed`;
    return { about, state: "bad", text, hint: `install libnotify (Debian: libnotify-bin), or: ${OFF}` };
  }
  if (IS_MAC || hasSession(environment)) return null;
  const text = `the daemon was started outside of a desktop, where ${PROGRAM} may find none`;
  return { about, state: "note", text, hint: "on the desktop: dispatch daemon restart" };
}

/**
 * `notify-send` reads backslashes in the text as those of C, and desktops read it as markup, links and pictures too
 * (Desktop Notifications Specification, "Markup").
 */
function plainBody(text: string): string {
  return visible(text)
    .replaceAll("\\", "\\\\")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** Whether the session's bus can be found, as libdbus finds it. */
function hasSession(environment: Environment): boolean {
  const {
    DBUS_SESSION_BUS_ADDRESS: bus = "",
    XDG_RUNTIME_DIR: folder = "",
    DISPLAY: screen = "",
  } = environment;
  return bus !== "" || screen !== "" || (folder !== "" && existsSync(join(folder, "bus")));
}
