const NAMES = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "TERM",
  "TZ",
  "TMPDIR",
  "SSH_AUTH_SOCK",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
]);
const PREFIXES = ["LC_", "XDG_"];
const PROXIES = new Set(["http_proxy", "https_proxy", "all_proxy", "no_proxy"]);

/** True for a variable that every run may take from its caller, whatever its product. Proxies count in any case. */
export function isShared(name: string): boolean {
  return (
    NAMES.has(name) || PROXIES.has(name.toLowerCase()) || PREFIXES.some((prefix) => name.startsWith(prefix))
  );
}
