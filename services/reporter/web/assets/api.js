// Asking the reporter.

const TIMEOUT = 40_000;

// ask gets one dataset. The browser revalidates by ETag on its own. A failure
// is an Error whose message is for the reader of the page.
export async function ask(path, params, signal) {
  const query = new URLSearchParams(params).toString();
  const url = `/api/v1/${path}${query ? `?${query}` : ""}`;
  let response;
  try {
    response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]) });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new Error("The reporter cannot be reached.", { cause });
  }
  const body = await response.json().catch(() => null);
  if (!response.ok || body === null) {
    const error = new Error(body?.error?.message ?? `The reporter answered with status ${response.status}.`);
    error.status = response.status;
    throw error;
  }
  return body;
}
