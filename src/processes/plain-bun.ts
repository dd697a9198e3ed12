/** What `bun install` knows of PLAIN_BUN: it runs none of a folder's modules. */
export const PLAIN_BUN_INSTALL = ["--no-env-file", "--config=/dev/null"] as const;

/**
 * Options for a bun that runs our code in somebody else's folder: by itself it takes settings from its current folder,
 * and three of its files would run code of that folder or change our environment: `bunfig.toml` (`preload`),
 * `tsconfig.json` (`paths` lead our own entry elsewhere) and `.env`. A compiled program reads none of them.
 */
export const PLAIN_BUN = [...PLAIN_BUN_INSTALL, "--tsconfig-override=/dev/null"] as const;
