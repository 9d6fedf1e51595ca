//! What a plan would do, in numbers, before anything is sent: the audience by second, the load it makes.
