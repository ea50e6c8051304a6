using System.Globalization;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Edge;

namespace Signalbox.Events.Registrations;

/// <summary>The page that a list request asks for (events behaviour, section 5.4).</summary>
internal sealed record RegistrationPage(int Number, int Size)
{
    private const int SizeMax = 100;

    public static Outcome<RegistrationPage> Parse(IQueryCollection query)
    {
        if (!TryParse(query, "page", 0, out var number) || number < 0)
        {
            return ApiRefusal.BadField("page", $"'page' is '{FieldChecks.Shown(query["page"].ToString())}'. It must be a number from 0 to {int.MaxValue}.");
        }

        return TryParse(query, "size", 10, out var size) && size is >= 1 and <= SizeMax
            ? new RegistrationPage(number, size)
            : ApiRefusal.BadField("size", $"'size' is '{FieldChecks.Shown(query["size"].ToString())}'. It must be a number from 1 to {SizeMax}.");
    }

    public int TotalPages(int totalElements) => (totalElements + Size - 1) / Size;

    public Dictionary<string, HalLink> Links(HttpContext context, string path, int totalPages)
    {
        HalLink To(int page) => context.LinkTo($"{path}?page={page}&size={Size}");
        var links = new Dictionary<string, HalLink>
        {
            ["self"] = To(Number),
            ["first"] = To(0),
            ["last"] = To(Math.Max(totalPages - 1, 0)),
        };
        if (Number + 1 < totalPages)
        {
            links["next"] = To(Number + 1);
        }

        if (Number > 0)
        {
            links["prev"] = To(Number - 1);
        }

        return links;
    }

    private static bool TryParse(IQueryCollection query, string name, int otherwise, out int value)
    {
        value = otherwise;
        return string.IsNullOrEmpty(query[name])
            || int.TryParse(query[name], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }
}
