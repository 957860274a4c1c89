using System;
using System.IO;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks;
using Amazon.Lambda.Core;

/// <summary>What a function provides: "Assembly::Namespace.Class::Method", from a stream to a stream.</summary>
sealed class FunctionHandler
{
    readonly object on;
    readonly MethodInfo method;

    FunctionHandler(object on, MethodInfo method)
    {
        this.on = on;
        this.method = method;
    }

    /// <summary>Finds the method and makes the object it is called on.</summary>
    internal static FunctionHandler Load(string name)
    {
        var parts = name.Split(new[] { "::" }, StringSplitOptions.None);
        if (parts.Length != 3) throw new ArgumentException($"The handler {name} has to be Assembly::Namespace.Class::Method.");
        var file = Path.Combine(Environment.GetEnvironmentVariable("LAMBDA_TASK_ROOT"), parts[0] + ".dll");
        if (!File.Exists(file)) throw new FileNotFoundException($"There is no {parts[0]}.dll in the package.");
        var type = Assembly.LoadFrom(file).GetType(parts[1], true);
        foreach (var method in type.GetMethods())
        {
            if (method.Name == parts[2] && IsFromStreamToStream(method.GetParameters(), method.ReturnType))
                return new FunctionHandler(method.IsStatic ? null : Activator.CreateInstance(type), method);
        }
        throw new MissingMethodException($"{parts[1]} has no public method Stream {parts[2]}(Stream), with or without an ILambdaContext.");
    }

    static bool IsFromStreamToStream(ParameterInfo[] taken, Type returned)
    {
        return (typeof(Stream).IsAssignableFrom(returned) || returned == typeof(Task<Stream>))
            && taken.Length > 0 && taken[0].ParameterType == typeof(Stream)
            && (taken.Length == 1 || taken.Length == 2 && taken[1].ParameterType == typeof(ILambdaContext));
    }

    internal Stream Handle(Stream input, ILambdaContext context)
    {
        var arguments = new object[] { input, context };
        Array.Resize(ref arguments, method.GetParameters().Length);
        try
        {
            var answer = method.Invoke(on, arguments);
            return answer is Task<Stream> task ? task.GetAwaiter().GetResult() : (Stream)answer;
        }
        catch (TargetInvocationException problem)
        {
            ExceptionDispatchInfo.Capture(problem.InnerException).Throw();
            throw;
        }
    }
}
