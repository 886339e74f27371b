// Chromium: the one that `CHROMIUM` names, else where Debian and its kin put it.
import { chromium } from "playwright-core";

/**
 * @param {string[]} [args] of its command line
 * @returns {Promise<import("playwright-core").Browser>}
 */
export function startBrowser(args = []) {
  // In a container there is often only root, for whom Chromium's sandbox does not work; the pages are our own.
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", ...args] });
}

/**
 * A page of its own, and all that it complains of: errors that nobody caught, errors on the console, breaches of its
 * content security policy.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function openPage(browser, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.stack ?? error}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(`console: ${message.text()}`);
  });
  await page.exposeFunction("reportViolation", (violation) => complaints.push(`policy: ${violation}`));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      globalThis.reportViolation(`${violatedDirective} ${blockedURI}`);
    });
  });
  return { page, complaints, close: () => context.close() };
}
