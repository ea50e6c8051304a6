using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Signalbox.Sockets.Http;

/// <summary>Which requests stay on their connection's loop.</summary>
public static class LoopExtensions
{
    /// <summary>
    /// Serves requests in the thread pool, where they may block, but for those which neither block nor compute for long.
    /// Put it first in the pipeline.
    /// </summary>
    public static void UsePoolThread(this IApplicationBuilder app, Func<HttpContext, bool> unless) =>
        app.Use(next => context => unless(context) || context.Features.Get<ILoopFeature>() is not { } loop ? next(context) : ServeAsync(next, context, loop));

    private static async Task ServeAsync(RequestDelegate next, HttpContext context, ILoopFeature loop)
    {
        loop.IsOffLoop = true;
        try
        {
            await PoolThread.Switch();
            await next(context);
        }
        finally
        {
            loop.IsOffLoop = false;
        }
    }
}
