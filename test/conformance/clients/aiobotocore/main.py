"""One client, and a call by it for each line of standard input. Arguments: the URL of STS, its authority."""

import asyncio
import contextlib
import json
import sys

from aiobotocore.session import get_session


async def main():
    session = get_session()
    sts = None
    async with contextlib.AsyncExitStack() as stack:
        while await asyncio.to_thread(sys.stdin.readline):
            try:
                # It looks for credentials when it is made, and there is none where that fails.
                sts = sts or await stack.enter_async_context(session.create_client("sts", endpoint_url=sys.argv[1]))
                answer = {"arn": (await sts.get_caller_identity())["Arn"]}
            except Exception as error:
                answer = {"error": " ".join(f"{type(error).__name__}: {error}".split())[:2000]}
            print(json.dumps(answer), flush=True)


asyncio.run(main())
