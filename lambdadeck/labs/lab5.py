"""Lab 5, triggers: from a bucket through a function into a table; duplicate events."""

from lambdadeck.labs import lab5_checks as checks
from lambdadeck.labs.model import Check, Choice, Lab, Mutation

PREDICTIONS = (
    Choice(
        "event",
        {"a": "the file itself", "b": "its location and its size", "c": "a link to download it"},
        lambda log: (
            "b"
            if '"size"' in log and "Hello, you!" not in log
            else "a"
            if "Hello, you!" in log
            else "c"
        ),
    ),
    Choice(
        "twice",
        {"a": "1: Lambda notices", "b": "2: it is counted twice", "c": "the second call fails"},
        lambda count: {1: "a", 2: "b"}.get(int(count), "c"),
    ),
)

_UPLOAD = 'upload["key"] + upload["sequencer"]'
CHECKS = (
    Check(
        "keys",
        "read what S3 says about each object, whatever its name",
        checks.keys,
        blank="One blank in keys: the key of each record, as the person who uploaded it wrote it.",
        hint="Compare the key in the event above with the name of the file that was uploaded: a "
        "space became something else.",
        nearer="urllib.parse has several functions that decode. One of them reads what a web form "
        "sends, in which a space is a plus sign.",
        misconceptions={
            "encoded": "That is the key as S3 writes it in events, as in a web address. A file "
            "of that name is not in the bucket.",
            "plus": "Nearly: in S3's events a space is a plus sign, and plain unquote leaves it "
            "as it is.",
            "first-only": "An event may hold several records, and the second one is a file as "
            "well.",
        },
        mutations=(
            Mutation("unquote_plus(each", "(each", "encoded"),
            Mutation("unquote_plus(each", "__import__('urllib.parse').parse.unquote(each", "plus"),
            Mutation('event["Records"]', 'event["Records"][:1]', "first-only"),
            Mutation('["object"]["key"]', '["bucket"]["name"]'),
        ),
    ),
    Check(
        "stored",
        "wire a bucket to a function that writes into a table",
        checks.stored,
        blank="Two cells have blanks: the item in catalogue.py, and who may call the function. "
        "Run both, then this one.",
        hint="Upload something yourself, and read the function's log with "
        'triggers.wait_for_log("catalogue", "END").',
        nearer="An upload must end as one item: id is the key as it was uploaded, size the number "
        "of bytes from the event.",
        misconceptions={
            "not-wired": "The bucket calls no function: put_bucket_notification_configuration "
            "tells it which function to call, and for which events.",
            "not-allowed": "The function's policy does not let the bucket call it, so S3 refuses "
            "to wire them: the principal is the service s3.amazonaws.com, the source this bucket.",
            "encoded": "The item's id is not the name of the file: S3 writes keys in events as "
            "in a web address. You have read such a key before.",
            "size": "The item is there, and its size is not the object's: the event has it, "
            "beside the key.",
        },
        mutations=(
            Mutation('"id": unquote_plus(s3["key"])', '"id": s3["key"]', "encoded"),
            Mutation('s3["size"]', 'len(s3["key"])', "size"),
            Mutation('"s3.amazonaws.com"', '"sns.amazonaws.com"', "not-allowed"),
            Mutation("client.add_permission(", "dict(", "not-allowed"),
            Mutation("s3.put_bucket_notification_configuration(", "dict(", "not-wired"),
        ),
    ),
    Check(
        "once",
        "make an event that comes twice count once",
        checks.once,
        blank="One blank in once.py: an id that is the same when the same upload is reported "
        "twice, and different for the next upload.",
        hint="put_item with an id that already exists replaces that item. So which id makes the "
        "second delivery harmless?",
        nearer="What in the record stays the same when S3 reports an upload again, changes with "
        "the next upload of the file, and differs between files? One field may not be enough.",
        misconceptions={
            "twice": "The same upload, reported twice, became two items: your id changes from "
            "call to call. Take what belongs to the upload, not to the invocation.",
            "sequencer-only": "Two files became one item: only the uploads of one key are sure to "
            "have different sequencers.",
            "key-only": "The same key may be uploaded again, and that is a new upload: your "
            "table has no item for it.",
        },
        mutations=(
            Mutation(_UPLOAD, 'upload["key"]', "key-only"),
            Mutation(_UPLOAD, "context.aws_request_id", "twice"),
            Mutation(_UPLOAD, 'upload["key"] + str(__import__("time").time())', "twice"),
            Mutation(_UPLOAD, 'upload["sequencer"]', "sequencer-only"),
            Mutation(_UPLOAD, 'str(hash(upload["key"] + upload["sequencer"]))', "twice"),
            Mutation(_UPLOAD, '"upload"'),
        ),
    ),
    Check(
        "mirrored",
        "keep a table in step with a bucket",
        checks.mirrored,
        blank="mirror.py is yours to write: created means put, removed means delete. Deploy it "
        "with its TABLE, then run this cell.",
        hint="The check sends events with the names ObjectCreated:… and ObjectRemoved:…, some with "
        "two records, and reads the ids in the table.",
        nearer="Take the records one by one, in order: decode the key, and look at how eventName "
        "begins. Which of the two kinds of change does your code miss?",
        misconceptions={
            "encoded": "An id in the table is not the name of the file: unquote_plus reads S3's "
            "keys.",
            "one-kind": "Objects come and go in more than one way: Put and "
            "CompleteMultipartUpload, Delete and DeleteMarkerCreated. Look at how the event's "
            "name begins.",
            "removed-stays": "An object that was removed is still in the table. Its event says "
            "so in eventName.",
        },
        mutations=(
            Mutation('.startswith("ObjectRemoved")', ' == "ObjectRemoved:Delete"', "one-kind"),
            Mutation("table.delete_item(Key=key)", "pass", "removed-stays"),
            Mutation("unquote_plus(record", "(record", "encoded"),
            Mutation('event["Records"]', 'event["Records"][:1]'),
            Mutation("table.put_item(Item=key)", "pass"),
        ),
    ),
)

LAB = Lab(5, "triggers", "Triggers", 28, PREDICTIONS, CHECKS)
