using System.Globalization;
using System.Text;

namespace Signalbox.Bench.Filters;

/// <summary>
/// One lot of land in the shape of San Francisco's "citylots" data set, which pattern matchers are commonly measured
/// with: seven texts, a null, and a polygon of points. Made up from a seed; about 900 bytes as JSON.
/// </summary>
internal sealed record CityLot(int Number)
{
    private const int Points = 8;

    private static readonly string[] _streets = ["FULTON", "ACADIA", "MISSION", "CLEMENT", "GEARY", "NORIEGA", "JUDAH", "LINCOLN"];

    public string MapBlockLot => Number.ToString("0000000", CultureInfo.InvariantCulture);

    /// <summary>A street of its own, so that a prefix, a suffix or another case of it names this lot alone.</summary>
    public string Street => $"{Number.ToString("D5", CultureInfo.InvariantCulture)} {_streets[Number % _streets.Length]} {Number.ToString("D5", CultureInfo.InvariantCulture)}";

    public static double X(int number, int point) => Math.Round(-122.5 + (number * 1e-5) + (point * 1e-7), 7);

    public static double Y(int number, int point) => Math.Round(37.7 + (number * 1e-5) + (point * 1e-7), 7);

    public byte[] ToEvent()
    {
        var points = string.Join(',', Enumerable.Range(0, Points).Select(point => string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"x":{{X(Number, point)}},"y":{{Y(Number, point)}},"z":0.0,"surveyed":{{2000 + point}}}""")));
        return Encoding.UTF8.GetBytes(
            $$$"""{"type":"Feature","properties":{"MAPBLKLOT":"{{{MapBlockLot}}}","BLKLOT":"{{{MapBlockLot}}}","BLOCK_NUM":"{{{Number / 10}}}","LOT_NUM":"{{{Number % 10}}}","FROM_ST":"{{{Number}}}","TO_ST":"{{{Number + 2}}}","STREET":"{{{Street}}}","ST_TYPE":null,"ODD_EVEN":"{{{(Number % 2 == 0 ? "E" : "O")}}}"},"geometry":{"type":"Polygon","area":{{{Number.ToString(CultureInfo.InvariantCulture)}}}.5,"coordinates":[{{{points}}}]}}""");
    }
}
