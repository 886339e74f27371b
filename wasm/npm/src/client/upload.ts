// A request whose body is sent under the eyes of the caller.

/**
 * Does what `fetch` does, by `XMLHttpRequest`, which alone tells how much of a body was sent. Of the answer's headers only
 * that has come which says when to try again.
 */
export function upload(
  url: string,
  { method, headers, body, signal }: RequestInit & { method: string; headers: Headers; signal: AbortSignal },
  onSent: (loaded: number) => void,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = () => reject(new TypeError("the upload has failed"));
    request.open(method, url);
    headers.forEach((value, name) => request.setRequestHeader(name, value));
    request.responseType = "blob";
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onload = () => {
      const { response, status } = request;
      const headers = { "retry-after": request.getResponseHeader("retry-after") ?? "0" };
      resolve(new Response(response as Blob, { status, headers }));
    };
    request.onerror = request.onabort = fail;
    signal.addEventListener("abort", () => request.abort());
    request.send(body as XMLHttpRequestBodyInit);
  });
}
