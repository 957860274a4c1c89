using System;
using System.Linq;
using System.Text;

/// <summary>An exception in the shape in which Lambda reports it.</summary>
static class Failure
{
    internal static string Json(Exception problem)
    {
        var trace = (problem.StackTrace ?? "").Split('\n').Select(line => line.Trim())
            .Where(line => line.StartsWith("at "))
            .TakeWhile(line => !line.Contains(" System.Reflection.") && !line.StartsWith("at FunctionHandler.")); // ours
        var cause = problem.InnerException == null ? "" : ",\"cause\":" + Json(problem.InnerException);
        return $"{{\"errorType\":{Quoted(problem.GetType().Name)},\"errorMessage\":{Quoted(problem.Message)},"
            + $"\"stackTrace\":[{string.Join(",", trace.Select(Quoted))}]{cause}}}";
    }

    static string Quoted(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var letter in text)
        {
            if (letter >= ' ' && letter != '"' && letter != '\\') json.Append(letter);
            else json.Append("\\u").Append(((int)letter).ToString("x4"));
        }
        return json.Append('"').ToString();
    }
}
