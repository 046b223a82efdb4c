"""Who may open what: literally, so that a change of a right is a change here too."""

__all__ = ["EXPECTED"]

EXPECTED = {
    "stranger agent lead analyst manager admin": """
        GET /api/v1/openapi.json
        GET /static/{file_path}
        HEAD /static/{file_path}
        GET /login
        POST /login
        POST /login/code
        GET /join/{token}
        GET /s/{token}
        POST /s/{token}
        GET /duty/{token}
        POST /join/{token}
    """,
    "agent lead analyst manager admin": """
        GET /api/v1/posts
        GET /api/v1/needs
        GET /api/v1/needs/channels
        GET /api/v1/alerts
        GET /api/v1/stories
        GET /api/v1/people
        POST /logout
        GET /me
        POST /me/password
        POST /me/totp
        POST /me/totp/on
        POST /me/totp/off
        POST /me/tokens
        POST /me/tokens/drop
        POST /welcome/later
        GET /
        GET /live
        GET /needs
        GET /posts
        GET /posts/new
        GET /posts/{seq}/similar
        GET /posts/dropped
        POST /posts/dropped/keep
        POST /posts/{seq}/correct
        GET /stories
        GET /stories/{name}
        GET /alerts
        GET /alerts/count
        GET /alerts/{name}
        POST /alerts/{name}/seen
        POST /alerts/{name}/snooze
        POST /alerts/{name}/role
        POST /alerts/{name}/verdict
        POST /alerts/{name}/send
        POST /alerts/missed
        POST /alerts/measure
        GET /people
        GET /segments
        GET /loyalty
        GET /quality/label
        POST /quality/said
    """,
    "admin": """
        GET /team
        POST /team
        GET /team/{member}
        POST /team/{member}
        POST /team/{member}/reset
        POST /posts/dropped/again
        POST /people/{name}/forget
        POST /sources/{name}/again
        POST /sources/{name}/restart
        POST /settings/{table}
        POST /settings/look
        POST /settings/undo
        POST /settings/test/{name}
        GET /settings/{group}/new
        POST /settings/{group}/new
        GET /settings/{group}/{name}
        POST /settings/{group}/{name}
        GET /welcome
        POST /welcome
        GET /welcome/brand
        POST /welcome/brand
        GET /welcome/sources
        POST /welcome/sources
    """,
    "manager admin": """
        GET /audit
    """,
    "lead analyst manager admin": """
        GET /desk/report
        GET /api/v1/figures
        GET /api/v1/satisfaction
        POST /stories/{name}/verdict
        POST /stories/{name}/claim
        GET /quality
        GET /sources
    """,
    "agent lead manager admin": """
        GET /roster
        GET /api/v1/conversations
        GET /api/v1/conversations/{conversation}
        GET /api/v1/conversations/{conversation}/messages
        GET /api/v1/conversations/{conversation}/notes
        GET /api/v1/conversations/{conversation}/replies
        POST /api/v1/conversations/{conversation}/acts
        POST /api/v1/conversations/{conversation}/notes
        POST /api/v1/conversations/{conversation}/replies
        GET /api/v1/snippets
        GET /api/v1/people/{name}
        GET /inbox
        GET /inbox/{conversation}
        GET /inbox/fresh
        GET /inbox/rows
        GET /inbox/{conversation}/thread
        GET /inbox/{conversation}/person
        GET /inbox/{conversation}/who
        GET /inbox/{conversation}/drafts
        POST /inbox/{conversation}/drafts
        POST /inbox/{conversation}/here
        POST /inbox/{conversation}/length
        POST /inbox/{conversation}/take
        POST /inbox/{conversation}/assign
        POST /inbox/{conversation}/status
        POST /inbox/{conversation}/merge
        POST /inbox/{conversation}/split
        POST /inbox/{conversation}/reply
        POST /inbox/{conversation}/take_back
        POST /inbox/{conversation}/settle
        POST /inbox/{conversation}/label
        POST /inbox/{conversation}/priority
        POST /inbox/{conversation}/need
        POST /inbox/{conversation}/talk
        POST /inbox/{conversation}/note
        POST /inbox/bulk
        POST /inbox/views
        GET /inbox/case/{case}
        POST /inbox/case/{case}/answer
        POST /inbox/case/{case}/pace
        GET /people/{name}
        GET /people/{name}/rights
        GET /people/proposed
        POST /people/{name}/apart
        POST /people/{name}/same
        POST /people/{name}/not
        POST /people/{name}/later
        POST /people/{name}/object
    """,
    "lead manager admin": """
        POST /desk/export
        POST /api/v1/snippets
        POST /inbox/{conversation}/approve
        POST /inbox/case/{case}/approve
        POST /inbox/{conversation}/decline
        GET /snippets
        POST /snippets
        GET /roster/{shift}
        POST /roster/{shift}
        POST /roster/undo
        POST /people/{name}/export
        POST /segments/export
    """,
    "analyst manager admin": """
        GET /api/v1/mirror
        GET /api/v1/mirror/closer
        POST /people/count
        POST /segments/keep
        POST /segments/drop
        POST /loyalty/count
        GET /mirror
        GET /mirror/closer
        GET /metrics
        POST /mirror/make
        POST /mirror/advice/{advice}
        POST /mirror/moments
        POST /mirror/moments/drop
        POST /mirror/moments/file
        GET /mirror/paper
        GET /mirror/paper.css
        GET /mirror/paper.pdf
        POST /mirror/send
        POST /mirror/renewals
        POST /mirror/renewals/drop
        GET /settings
    """,
    "analyst admin": """
        POST /quality/refit
        POST /quality/version
    """,
}
