"""Lab 6, ship it: versions, an alias, shifting and rolling back, testing first, cleaning up."""

from lambdadeck.labs import lab6_checks as checks
from lambdadeck.labs.model import Check, Choice, Lab, Mutation, Number

PREDICTIONS = (
    Choice(
        "version",
        {"a": "10, as when it was published", "b": "12, as the function is now", "c": "an error"},
        lambda answer: "a" if answer == 10 else "b" if answer == 12 else "c",
    ),
    Number("share", "calls"),
    Choice(
        "way-back",
        {
            "a": "none",
            "b": "about a tenth, until its environments have ended",
            "c": "only those that are warm",
        },
        lambda calls: "a" if calls == 0 else "b" if calls > 5 else "c",
    ),
)

CHECKS = (
    Check(
        "shipped",
        "publish a version that no later deployment changes",
        checks.shipped,
        blank="Two blanks in ship: whether to publish, and which part of the answer is the "
        "version's number.",
        hint="Print what update_function_code returns: one of its fields is the number of the "
        "version that it has published.",
        nearer="Upload twice, and compare the two responses: the number is what grows. Does it "
        "grow if you do not publish?",
        misconceptions={
            "latest": "$LATEST is the draft: the next upload overwrites it. A version with a "
            "number of its own comes only by publishing.",
            "too-early": "The version that you named holds the old code: publishing takes the "
            "function as it is at that moment. Upload first.",
        },
        mutations=(
            Mutation("Publish=True", "Publish=False", "latest"),
            Mutation(
                "client.update_function_code(\n"
                "        FunctionName=name, ZipFile=code, Publish=True)",
                "client.publish_version(FunctionName=name)\n"
                "    client.update_function_code(FunctionName=name, ZipFile=code)",
                "too-early",
            ),
            Mutation('done["Version"]', '"1"'),
            Mutation('done["Version"]', 'done["RevisionId"]'),
            Mutation('done["Version"]', 'done["CodeSha256"]'),
        ),
    ),
    Check(
        "released",
        "move an alias, so that callers never change",
        checks.released,
        blank="Two blanks in release: the version that the alias should have now, and which "
        "shift should be left.",
        hint="Call release for one version and then for the other, and look at get_alias after "
        "each.",
        nearer="update_alias changes what it is told and keeps the rest. What besides "
        "FunctionVersion can an alias hold?",
        misconceptions={
            "shift-stays": "The alias points where it should, and still gives a share of the "
            "calls to the other version: update_alias keeps weights that it is not told to "
            "change. Tell it that there are none.",
            "stuck": "The alias was made, and did not move when release was called for the next "
            "version: the branch for an existing alias has to change its version.",
            "remade": "The alias was deleted and made again: between the two, every caller got an "
            "error. Change the one that is there.",
        },
        mutations=(
            Mutation(",\n                            RoutingConfig=no_shift)", ")", "shift-stays"),
            Mutation(
                "FunctionVersion=version,\n                            RoutingConfig",
                "RoutingConfig",
                "stuck",
            ),
            Mutation(
                "client.update_alias(**live, FunctionVersion=version",
                "client.update_alias(**live, FunctionVersion='1'",
                "stuck",
            ),
            Mutation(
                "client.update_alias(**live,",
                "client.delete_alias(**live)\n        client.create_alias(**live,",
                "remade",
            ),
            Mutation(
                "RoutingConfig=no_shift)",
                "RoutingConfig={'AdditionalVersionWeights': {version: 0.5}})",
            ),
        ),
    ),
    Check(
        "shifted",
        "give a new version a share of the calls",
        checks.shifted,
        blank="One blank in shift: the weights. Which version gets which share?",
        hint="Print get_alias after your call. It should still point at the old version; the new "
        "one is in its weights.",
        nearer="The weights say, for a version that is added, which share of the calls it gets. "
        "The version that the alias points at gets the rest, and is not among them.",
        misconceptions={
            "all-at-once": "The alias itself points at the new version now, which gets all calls "
            "but the share. The old version stays where the alias points; the new one is the "
            "additional one.",
            "rest": "That is the share of the old version. The one named in the weights is the "
            "new one, and its share is the small one.",
            "percent": "A weight is a share from 0 to 1, and a quarter is 0.25: Lambda refuses "
            "anything above 1.",
            "remade": "The alias was deleted and made again: between the two, every caller got an "
            "error. Change the one that is there.",
        },
        mutations=(
            Mutation("{new: share}", "{new: 1 - share}", "rest"),
            Mutation("{new: share}", "{new: share * 100}", "percent"),
            Mutation('Name="live",', 'Name="live", FunctionVersion=new,', "all-at-once"),
            Mutation(
                "client.update_alias(",
                "client.delete_alias(FunctionName=name, Name='live')\n"
                "    client.create_alias(FunctionVersion='1',",
                "remade",
            ),
            Mutation("{new: share}", "{new: 0.25}"),
            Mutation("{new: share}", "{}"),
        ),
    ),
    Check(
        "safe",
        "try new code before anyone is sent to it",
        checks.safe,
        blank="deploy_safely is yours to write: True when the new code is live, False when it "
        "was not good enough.",
        hint="Three steps: publish the new code, invoke that version by its number, and move the "
        "alias only if that went well. Return True or False.",
        nearer="invoke does not raise when the function fails, and its status is 200 either way. "
        "What else does the response say? The first cells of lab 2 show it.",
        misconceptions={
            "untested": "Broken code is live. Did you invoke the new version, by its number, and "
            "not the alias? And what did you look at? The status is 200 even when the function "
            "fails.",
            "moved-first": "In the end all is well; but for a moment callers were sent to broken "
            "code, or found no alias: `live` may change only after the new version has answered.",
            "never": "Good code did not get through: after deploy_safely, `live` must return "
            "what the new code returns, even when broken code was refused before.",
        },
        mutations=(
            Mutation('"FunctionError" in answer', 'answer["StatusCode"] != 200', "untested"),
            Mutation("Qualifier=version", 'Qualifier="live"', "untested"),
            Mutation(
                "version = ship(name, code)\n",
                "version = ship(name, code)\n"
                "    was = client.get_alias(FunctionName=name, Name='live')['FunctionVersion']\n"
                "    release(name, version)\n    release(name, was)\n",
                "moved-first",
            ),
            Mutation('"FunctionError" in answer', "False", "untested"),
            Mutation('"FunctionError" in answer', "True", "never"),
            Mutation("release(name, version)", "pass", "never"),
            Mutation("return False", "return None"),
        ),
    ),
    Check(
        "removed",
        "remove what you made, all of it and nothing else",
        checks.removed,
        blank="remove_all is yours to write: functions whose names begin with the prefix, and "
        "their logs.",
        hint="The check made functions with one prefix, called one of them, and looked for what "
        "was left. Nothing may be.",
        nearer="One call lists a page, and a paginator all of them, for functions and for log "
        "groups. Ask of each name before you delete: does it begin with the prefix?",
        misconceptions={
            "first-page": "Some are left: functions and log groups are listed fifty at a time, and "
            "there were more. A paginator gets the rest.",
            "logs": "The functions are gone and their logs are not: CloudWatch Logs keeps them, "
            "forever and at a price, until you delete the group /aws/lambda/NAME.",
            "strangers": "A function or a log is gone that was not yours: its name has something "
            "of the prefix in it, but does not begin with it.",
        },
        mutations=(
            Mutation(
                'client.get_paginator("list_functions").paginate()\n'
                '    names = list(pages.search("Functions[].FunctionName"))',
                "client.list_functions()\n"
                '    names = [each["FunctionName"] for each in pages["Functions"]]',
                "first-page",
            ),
            Mutation("logs.delete_log_group(logGroupName=group)", "pass", "logs"),
            Mutation("name.startswith(prefix)", "prefix in name", "strangers"),
            Mutation('logGroupNamePrefix="/aws/lambda/" + prefix)', ")", "strangers"),
            Mutation("name.startswith(prefix)", "name == prefix"),
        ),
    ),
)

LAB = Lab(6, "ship-it", "Ship it", 30, PREDICTIONS, CHECKS)
